using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using HoverFast.Slides.Jpeg;
using HoverFast.Slides.Jpeg2000;
using ZstdSharp;

namespace HoverFast.Slides.Tiff;

/// <summary>One page of a TIFF as a level: where its tiles or strips lie, and how their bytes become RGB.</summary>
internal sealed class TiffImage : ITileSource
{
    private const int LongestSide = 1 << 24;

    /// <summary>The most pixels of a tile. A picture in one compressed strip is one tile.</summary>
    private const long MostTilePixels = 160_000_000;

    /// <summary>Tiles up to this size are decoded from however few bytes (a white tile takes a hundred).</summary>
    private const long UnquestionedTilePixels = 16_000_000;

    /// <summary>No compression shrinks a real picture more than this.</summary>
    private const long MostCompression = 2000;

    private readonly TiffFile _file;
    private readonly TiffCompression _compression;
    private readonly int _bits;
    private readonly int _samples;
    private readonly int _photometric;
    private readonly bool _planar;
    private readonly bool _predicted;
    private readonly byte[] _palette = [];
    private readonly byte[] _jpegTables;
    private readonly long[] _offsets;
    private readonly long[] _lengths;
    private readonly int _columns;
    private readonly int _rows;

    /// <summary>Reads a page's layout.</summary>
    /// <exception cref="InvalidDataException">The tags are damaged or contradict each other.</exception>
    /// <exception cref="NotSupportedException">The page is stored in a way that isn't known.</exception>
    public TiffImage(TiffFile file, TiffDirectory directory)
    {
        _file = file;
        Size = new PixelSize(Side(directory, TiffTag.ImageWidth), Side(directory, TiffTag.ImageLength));
        _compression = (TiffCompression)directory.Number(TiffTag.Compression, 1);
        if (!Enum.IsDefined(_compression))
        {
            throw new NotSupportedException($"It is compressed by a method that isn't known (TIFF compression {(int)_compression}).");
        }

        if (_compression is TiffCompression.OldJpeg or TiffCompression.WebP)
        {
            throw new NotSupportedException($"It is compressed as {_compression}, which isn't supported. Convert it, for example with: " +
                "vips tiffsave IN OUT.tif --tile --pyramid --compression jpeg");
        }

        _samples = (int)Math.Clamp(directory.Number(TiffTag.SamplesPerPixel, 1), 0, 1000);
        var bits = directory.Numbers(TiffTag.BitsPerSample, 1000);
        _bits = bits.Length == 0 ? 1 : (int)Math.Min(bits[0], 1000);
        _photometric = (int)Math.Clamp(directory.Number(TiffTag.Photometric, _samples >= 3 ? 2 : 1), 0, int.MaxValue);
        _planar = directory.Number(TiffTag.PlanarConfiguration, 1) == 2 && _samples > 1;
        _predicted = directory.Number(TiffTag.Predictor, 1) switch
        {
            1 => false,
            2 => true,
            var other => throw new NotSupportedException($"It uses predictor {other}; 1 and 2 are supported."),
        };
        CheckSamples(directory, bits);
        if (_photometric == 3)
        {
            _palette = ReadPalette(directory);
        }

        _jpegTables = _compression == TiffCompression.Jpeg ? directory.Raw(TiffTag.JpegTables) : [];
        IsTiled = directory.Has(TiffTag.TileWidth);
        if (IsTiled)
        {
            TileSize = new PixelSize(Side(directory, TiffTag.TileWidth), Side(directory, TiffTag.TileLength));
            _offsets = directory.Numbers(TiffTag.TileOffsets);
            _lengths = directory.Numbers(TiffTag.TileByteCounts);
        }
        else
        {
            var rows = directory.Number(TiffTag.RowsPerStrip, Size.Height);
            TileSize = Size with { Height = (int)Math.Clamp(rows == 0 ? Size.Height : rows, 1, Size.Height) };
            _offsets = directory.Numbers(TiffTag.StripOffsets);
            _lengths = directory.Numbers(TiffTag.StripByteCounts);
        }

        if (_lengths.Length == 0 && _offsets.Length == 1 && _compression == TiffCompression.None)
        {
            _lengths = [RowBytes(Size.Width) * Size.Height];
        }

        if (!IsTiled && _compression == TiffCompression.None && !_planar)
        {
            SplitLongStrips(ref _offsets, ref _lengths);
        }

        if (TileSize.Area > MostTilePixels)
        {
            throw new InvalidDataException($"Its {(IsTiled ? "tiles" : "strips")} have {TileSize} pixels, more than can be decoded at once.");
        }

        if (TileSize.Area > UnquestionedTilePixels && TileSize.Area * _samples / MostCompression > file.Length)
        {
            throw new InvalidDataException($"Its {(IsTiled ? "tiles" : "strips")} have {TileSize} pixels, far more than the file's length can hold.");
        }

        _columns = CeilingDivide(Size.Width, TileSize.Width);
        _rows = CeilingDivide(Size.Height, TileSize.Height);
        var needed = (long)_columns * _rows * (_planar ? _samples : 1);
        if (_offsets.Length < needed || _lengths.Length < needed)
        {
            throw new InvalidDataException($"It needs {needed} {(IsTiled ? "tiles" : "strips")} but lists {Math.Min(_offsets.Length, _lengths.Length)}.");
        }

        var shrinks = _compression == TiffCompression.Jpeg && !_planar;
        Reductions = shrinks ? [.. JpegDecoder.Reductions.Where(MeetsWithoutGap)] : [1];
    }

    /// <inheritdoc/>
    public PixelSize Size { get; }

    /// <inheritdoc/>
    public PixelSize TileSize { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<int> Reductions { get; }

    /// <summary>Whether the page is stored in tiles; else in strips.</summary>
    public bool IsTiled { get; }

    /// <summary>Samples a pixel: pages of one pyramid agree.</summary>
    public int Samples => _samples;

    /// <inheritdoc/>
    public bool Decode(int column, int row, int reduction, Span<byte> rgb)
    {
        var index = (row * _columns) + column;
        if (_planar)
        {
            return DecodePlanes(index, row, rgb);
        }

        if (_lengths[index] == 0 || _offsets[index] == 0)
        {
            return false;
        }

        var encoded = ReadEncoded(index, out var length);
        try
        {
            var data = encoded.AsSpan(0, length);
            if (_compression == TiffCompression.Jpeg)
            {
                DecodeJpeg(data, reduction, rgb);
                return true;
            }

            if (IsJpeg2000)
            {
                DecodeJpeg2000(data, rgb);
                return true;
            }

            var height = StoredHeight(row);
            var rawLength = checked((int)(RowBytes(TileSize.Width) * height));
            if (_compression == TiffCompression.None)
            {
                if (data.Length < rawLength)
                {
                    throw new InvalidDataException($"It holds {data.Length} bytes where {rawLength} are needed.");
                }

                ToRgb(data[..rawLength], height, _samples, rgb);
                return true;
            }

            var raw = ArrayPool<byte>.Shared.Rent(rawLength);
            try
            {
                Decompress(encoded, length, raw.AsSpan(0, rawLength));
                ToRgb(raw.AsSpan(0, rawLength), height, _samples, rgb);
                return true;
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(raw);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }

    private bool IsJpeg2000 => _compression is TiffCompression.AperioJpeg2000Rgb or TiffCompression.AperioJpeg2000YCbCr or TiffCompression.Jpeg2000;

    private static int Side(TiffDirectory directory, ushort tag)
    {
        var side = directory.Number(tag, 0);
        return side is > 0 and <= LongestSide ? (int)side : throw new InvalidDataException($"Its width, height or tile size would be {side} pixels.");
    }

    private static int CeilingDivide(int value, int divisor) => (int)(((long)value + divisor - 1) / divisor);

    private bool MeetsWithoutGap(int reduction) =>
        (TileSize.Width % reduction == 0 || TileSize.Width >= Size.Width) && (TileSize.Height % reduction == 0 || TileSize.Height >= Size.Height);

    private void CheckSamples(TiffDirectory directory, long[] bits)
    {
        if (_samples is < 1 or > 8 || (_planar && _samples > 4))
        {
            throw new NotSupportedException($"It has {_samples} samples a pixel; gray, palette, RGB and RGBA pictures are supported.");
        }

        if (_bits is not (8 or 16) || bits.Any(b => b != _bits))
        {
            throw new NotSupportedException($"It has {_bits} bits a sample; 8 and 16 are supported.");
        }

        if (directory.Number(TiffTag.SampleFormat, 1) is not (1 or 4))
        {
            throw new NotSupportedException("Its samples are signed or floating-point numbers; unsigned ones are supported.");
        }

        var supported = _photometric switch
        {
            0 or 1 => true,
            2 => _samples >= 3,
            3 => _samples == 1 && _bits == 8,
            6 => _samples == 3 && (_compression == TiffCompression.Jpeg || IsJpeg2000),
            _ => false,
        };
        if (!supported)
        {
            throw new NotSupportedException($"Its colours (photometric interpretation {_photometric}, {_samples} samples) can't be read; gray, palette, RGB, RGBA and JPEG's YCbCr can.");
        }

        if (_compression == TiffCompression.Jpeg && _bits != 8)
        {
            throw new NotSupportedException("It holds JPEG data with other than 8 bits.");
        }
    }

    private byte[] ReadPalette(TiffDirectory directory)
    {
        var map = directory.Numbers(TiffTag.ColorMap, 3 << 8);
        if (map.Length < 3 << 8)
        {
            throw new InvalidDataException("Its palette is missing or too short.");
        }

        // Some writers store 8 bits where 16 are meant.
        var shift = map.Any(v => v > 255) ? 8 : 0;
        var palette = new byte[3 << 8];
        for (var i = 0; i < 256; i++)
        {
            for (var c = 0; c < 3; c++)
            {
                palette[(i * 3) + c] = (byte)(map[(c * 256) + i] >> shift);
            }
        }

        return palette;
    }

    private long RowBytes(int width) => (long)width * (_planar ? 1 : _samples) * (_bits / 8);

    /// <summary>Strips are as high as what is left; tiles are always whole.</summary>
    private int StoredHeight(int row) => IsTiled ? TileSize.Height : Math.Min(TileSize.Height, Size.Height - (row * TileSize.Height));

    /// <summary>Uncompressed strips can be entered anywhere: long ones become short ones, so that a region doesn't cost the whole picture.</summary>
    private void SplitLongStrips(ref long[] offsets, ref long[] lengths)
    {
        var rowBytes = RowBytes(Size.Width);
        var height = (int)Math.Clamp((1 << 20) / rowBytes, 1, TileSize.Height);
        var strips = CeilingDivide(Size.Height, TileSize.Height);
        if (height * 2 > TileSize.Height || offsets.Length < strips || lengths.Length < strips)
        {
            return;
        }

        // The short strips are as high everywhere, so long strips must be a multiple.
        if (strips > 1)
        {
            while (TileSize.Height % height != 0)
            {
                height--;
            }
        }

        var shortStrips = CeilingDivide(Size.Height, height);
        var shortOffsets = new long[shortStrips];
        var shortLengths = new long[shortStrips];
        for (var i = 0; i < shortStrips; i++)
        {
            var strip = (int)((long)i * height / TileSize.Height);
            var within = (((long)i * height) - ((long)strip * TileSize.Height)) * rowBytes;
            var rows = Math.Min(height, Size.Height - (i * height));
            shortOffsets[i] = offsets[strip] == 0 || lengths[strip] == 0 ? 0 : offsets[strip] + within;
            shortLengths[i] = Math.Clamp(lengths[strip] - within, 0, rows * rowBytes);
        }

        if (lengths[..strips].Sum() < rowBytes * Size.Height)
        {
            throw new InvalidDataException("Its strips hold fewer bytes than its pixels need.");
        }

        offsets = shortOffsets;
        lengths = shortLengths;
        TileSize = TileSize with { Height = height };
    }

    private byte[] ReadEncoded(int index, out int length)
    {
        var bytes = _lengths[index];
        var decoded = TileSize.Area * _samples * (_bits / 8);
        if (bytes < 0 || bytes > (decoded * 2) + (1 << 20))
        {
            throw new InvalidDataException($"It would take {bytes} bytes for {decoded} bytes of pixels.");
        }

        if (TileSize.Area > UnquestionedTilePixels && decoded / MostCompression > bytes)
        {
            throw new InvalidDataException($"It would make {decoded} bytes of pixels of {bytes} bytes.");
        }

        if (!_file.Holds(_offsets[index], bytes))
        {
            throw new InvalidDataException("Its data lies outside the file, which is cut short or damaged.");
        }

        length = (int)bytes;
        var encoded = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        try
        {
            _file.Read(_offsets[index], encoded.AsSpan(0, length));
            return encoded;
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(encoded);
            throw;
        }
    }

    private void Decompress(byte[] encoded, int length, Span<byte> raw)
    {
        var data = encoded.AsSpan(0, length);
        switch (_compression)
        {
            case TiffCompression.PackBits:
                PackBits.Decode(data, raw);
                break;
            case TiffCompression.Lzw:
                Lzw.Decode(data, raw);
                break;
            case TiffCompression.AdobeDeflate or TiffCompression.Deflate:
                using (var stream = new ZLibStream(new MemoryStream(encoded, 0, length), CompressionMode.Decompress))
                {
                    ReadWhole(stream, raw);
                }

                break;
            case TiffCompression.Zstandard:
                try
                {
                    using var stream = new DecompressionStream(new MemoryStream(encoded, 0, length));
                    ReadWhole(stream, raw);
                }
                catch (ZstdException e)
                {
                    throw new InvalidDataException($"The Zstandard data is damaged ({e.Message}).", e);
                }

                break;
            default:
                throw new NotSupportedException($"It is compressed as {_compression}, which isn't supported.");
        }
    }

    private static void ReadWhole(Stream stream, Span<byte> destination)
    {
        if (stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
        {
            throw new InvalidDataException("The compressed data ends too early.");
        }
    }

    private void DecodeJpeg(ReadOnlySpan<byte> data, int reduction, Span<byte> rgb)
    {
        var merged = ArrayPool<byte>.Shared.Rent(JpegStream.MergedLength(_jpegTables.Length, data.Length));
        try
        {
            var length = JpegStream.Merge(_jpegTables, data, _photometric == 6 ? JpegStream.Colour.YCbCr : JpegStream.Colour.Rgb, merged);
            var stream = merged.AsSpan(0, length);
            var (width, height, components) = JpegStream.ReadFrame(stream);
            if (components is not (1 or 3))
            {
                throw new NotSupportedException($"The JPEG data has {components} components; 1 and 3 are supported.");
            }

            if (width > TileSize.Width || height > TileSize.Height)
            {
                throw new InvalidDataException($"The JPEG data has {width} x {height} pixels where {TileSize} are expected.");
            }

            // The last strip, and edge tiles of some writers, hold less than a whole tile.
            if (width < TileSize.Width || height < TileSize.Height)
            {
                rgb.Fill(255);
            }

            JpegDecoder.Best.Decode(stream, width, height, reduction, rgb, CeilingDivide(TileSize.Width, reduction) * 3);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(merged);
        }
    }

    private void DecodeJpeg2000(ReadOnlySpan<byte> data, Span<byte> rgb)
    {
        var size = Jpeg2000Decoder.ReadSize(data);
        if (size.Width > TileSize.Width || size.Height > TileSize.Height)
        {
            throw new InvalidDataException($"The JPEG 2000 data has {size} pixels where {TileSize} are expected.");
        }

        if (size != TileSize)
        {
            rgb.Fill(255);
        }

        var isYCbCr = _compression == TiffCompression.AperioJpeg2000YCbCr || (_compression == TiffCompression.Jpeg2000 && _photometric == 6);
        Jpeg2000Decoder.Decode(
            data,
            isYCbCr ? Jpeg2000Decoder.Colour.YCbCr : Jpeg2000Decoder.Colour.Rgb,
            rgb,
            TileSize.Width * 3);
    }

    /// <summary>Samples in separate planes: each is decoded, then laid side by side.</summary>
    private bool DecodePlanes(int index, int row, Span<byte> rgb)
    {
        var height = StoredHeight(row);
        var planeLength = checked((int)(RowBytes(TileSize.Width) * height));
        var bytes = _bits / 8;
        var joined = ArrayPool<byte>.Shared.Rent(checked(planeLength * _samples));
        var plane = ArrayPool<byte>.Shared.Rent(planeLength);
        try
        {
            for (var s = 0; s < _samples; s++)
            {
                var at = index + (s * _columns * _rows);
                if (_lengths[at] == 0 || _offsets[at] == 0)
                {
                    return false;
                }

                DecodePlane(at, height, plane.AsSpan(0, planeLength));
                for (int i = 0, o = s * bytes; i < planeLength; i += bytes, o += _samples * bytes)
                {
                    joined[o] = plane[i];
                    if (bytes == 2)
                    {
                        joined[o + 1] = plane[i + 1];
                    }
                }
            }

            JoinedToRgb(joined.AsSpan(0, planeLength * _samples), height, rgb);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(joined);
            ArrayPool<byte>.Shared.Return(plane);
        }
    }

    private void DecodePlane(int index, int height, Span<byte> plane)
    {
        if (_compression is not (TiffCompression.None or TiffCompression.Lzw or TiffCompression.PackBits or TiffCompression.AdobeDeflate or TiffCompression.Deflate or TiffCompression.Zstandard))
        {
            throw new NotSupportedException($"Its samples lie in separate planes compressed as {_compression}, which isn't supported.");
        }

        var encoded = ReadEncoded(index, out var length);
        try
        {
            if (_compression == TiffCompression.None)
            {
                if (length < plane.Length)
                {
                    throw new InvalidDataException($"It holds {length} bytes where {plane.Length} are needed.");
                }

                encoded.AsSpan(0, plane.Length).CopyTo(plane);
            }
            else
            {
                Decompress(encoded, length, plane);
            }

            UndoByteOrderAndPredictor(plane, height, 1);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }

    private void ToRgb(Span<byte> raw, int height, int samples, Span<byte> rgb)
    {
        UndoByteOrderAndPredictor(raw, height, samples);
        JoinedToRgb(raw, height, rgb);
    }

    /// <summary>Makes 16-bit samples native and undoes horizontal differencing (TIFF 6.0, section 14).</summary>
    private void UndoByteOrderAndPredictor(Span<byte> raw, int height, int samples)
    {
        var row = TileSize.Width * samples;
        if (_bits == 16)
        {
            var values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, ushort>(raw);
            if (_file.SwapsSamples)
            {
                BinaryPrimitives.ReverseEndianness(values, values);
            }

            for (var y = 0; _predicted && y < height; y++)
            {
                var line = values.Slice(y * row, row);
                for (var i = samples; i < line.Length; i++)
                {
                    line[i] += line[i - samples];
                }
            }
        }
        else
        {
            for (var y = 0; _predicted && y < height; y++)
            {
                var line = raw.Slice(y * row, row);
                for (var i = samples; i < line.Length; i++)
                {
                    line[i] += line[i - samples];
                }
            }
        }
    }

    /// <summary>Native interleaved samples to RGB; rows that the strip doesn't hold become white.</summary>
    private void JoinedToRgb(ReadOnlySpan<byte> raw, int height, Span<byte> rgb)
    {
        var pixels = TileSize.Width * height;
        rgb[(pixels * 3)..].Fill(255);

        // The high byte of a native 16-bit sample is its value on the 8-bit scale.
        var step = _bits / 8;
        var first = _bits == 16 && BitConverter.IsLittleEndian ? 1 : 0;
        var pixel = _samples * step;
        if (_photometric == 3)
        {
            for (int i = 0, o = 0; i < pixels; i++, o += 3)
            {
                _palette.AsSpan(raw[i] * 3, 3).CopyTo(rgb[o..]);
            }
        }
        else if (_photometric is 0 or 1)
        {
            var flip = _photometric == 0 ? (byte)255 : (byte)0;
            for (int i = first, o = 0, n = 0; n < pixels; n++, i += pixel, o += 3)
            {
                var value = (byte)(raw[i] ^ flip);
                rgb[o] = value;
                rgb[o + 1] = value;
                rgb[o + 2] = value;
            }
        }
        else if (_samples == 3 && step == 1)
        {
            raw[..(pixels * 3)].CopyTo(rgb);
        }
        else if (_samples == 4 && step == 1)
        {
            RgbaToRgb.OverWhite(raw[..(pixels * 4)], rgb);
        }
        else
        {
            for (int i = first, o = 0, n = 0; n < pixels; n++, i += pixel, o += 3)
            {
                rgb[o] = raw[i];
                rgb[o + 1] = raw[i + step];
                rgb[o + 2] = raw[i + (2 * step)];
            }
        }
    }
}
