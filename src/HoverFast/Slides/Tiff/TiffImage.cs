using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using HoverFast.Slides.Jpeg;
using HoverFast.Slides.Jpeg2000;
using ZstdSharp;

namespace HoverFast.Slides.Tiff;

/// <summary>One page of a TIFF as a level: where its tiles or strips lie, and how their bytes become RGB.</summary>
internal sealed class TiffImage : ITileSource
{
    private readonly TiffFile _file;
    private readonly TiffCompression _compression;
    private readonly int _bits;
    private readonly int _samples;
    private readonly int _photometric;
    private readonly bool _planar;
    private readonly bool _predicted;
    private readonly bool _isMirrored;
    private readonly int _alpha = -1;
    private readonly bool _isPremultiplied;
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
        Directory = directory;
        Size = SizeOf(directory);
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

        // Elsewhere the tag says nothing (libtiff has it so): some programs leave it when they unpack a file.
        _predicted = _compression is TiffCompression.Lzw or TiffCompression.AdobeDeflate or TiffCompression.Deflate or TiffCompression.Zstandard
            && directory.Number(TiffTag.Predictor, 1) switch
            {
                1 => false,
                2 => true,
                var other => throw new NotSupportedException($"It uses predictor {other}; 1 and 2 are supported."),
            };
        CheckSamples(directory, bits);
        (_alpha, _isPremultiplied) = FindAlpha(directory);
        _isMirrored = directory.Number(TiffTag.FillOrder, 1) == 2;
        if (_photometric == 3)
        {
            _palette = ReadPalette(directory);
        }

        _jpegTables = _compression == TiffCompression.Jpeg ? directory.Raw(TiffTag.JpegTables) : [];
        IsTiled = directory.Has(TiffTag.TileWidth);
        if (IsTiled)
        {
            TileSize = new PixelSize(Side(directory, TiffTag.TileWidth), Side(directory, TiffTag.TileLength));
        }
        else
        {
            var rows = directory.Number(TiffTag.RowsPerStrip, Size.Height);
            TileSize = Size with { Height = (int)Math.Clamp(rows == 0 ? Size.Height : rows, 1, Size.Height) };
        }

        var needed = TilesNeeded(out _columns, out _rows);
        ReadingLimits.CheckLevel(Size, PixelBytes, file.Length);

        // Some writers list tiles under the tags of strips.
        var tileTags = IsTiled && directory.Has(TiffTag.TileOffsets);
        _offsets = directory.Numbers(tileTags ? TiffTag.TileOffsets : TiffTag.StripOffsets, needed);
        _lengths = directory.Numbers(tileTags ? TiffTag.TileByteCounts : TiffTag.StripByteCounts, needed);
        if (_lengths.Length == 0 && _offsets.Length == 1 && _compression == TiffCompression.None)
        {
            _lengths = [RowBytes(Size.Width) * Size.Height];
        }

        if (!IsTiled && _compression == TiffCompression.None && !_planar)
        {
            SplitLongStrips(ref _offsets, ref _lengths);
            needed = TilesNeeded(out _columns, out _rows);
        }

        ReadingLimits.CheckTile(TileSize, PixelBytes, file.Length);
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

    /// <summary>The page's tags.</summary>
    public TiffDirectory Directory { get; }

    /// <summary>Whether the page is stored in tiles; else in strips.</summary>
    public bool IsTiled { get; }

    /// <summary>Samples a pixel: pages of one pyramid agree.</summary>
    public int Samples => _samples;

    /// <summary>Bits of a sample as they are stored.</summary>
    public int Bits => _bits;

    /// <summary>Whether pixels are one shade of gray: a channel of its own, perhaps.</summary>
    public bool IsGray => _samples == 1 && _photometric is 0 or 1;

    /// <summary>Bits of a 16-bit sample that are used, of all pages alike: programs store 8, 10 or 12 bits in 16 without a word.</summary>
    public int UsedBits { get; set; } = 16;

    /// <summary>Whether it is a mask: then transparent pixels are black, which is nothing, and aren't laid over white.</summary>
    public bool IsMask { get; set; }

    /// <summary>The compression in words.</summary>
    public TiffCompression Compression => _compression;

    /// <summary>The size that a page states, of pages that aren't understood too.</summary>
    /// <exception cref="InvalidDataException">It states none.</exception>
    public static PixelSize SizeOf(TiffDirectory directory) => new(Side(directory, TiffTag.ImageWidth), Side(directory, TiffTag.ImageLength));

    /// <inheritdoc/>
    public bool Holds(int column, int row)
    {
        var index = (row * _columns) + column;
        return _lengths[index] != 0 && _offsets[index] != 0;
    }

    /// <summary>The largest 16-bit sample of a tile's colours, without alpha and the like; 0 where it is absent.</summary>
    /// <exception cref="InvalidDataException">The tile is damaged.</exception>
    public int LargestSample(int column, int row)
    {
        var raw = RentSamples(row, out var length);
        try
        {
            var samples = raw.AsSpan(0, length);
            if (!DecodeInto(column, row, StoredHeight(row), samples))
            {
                return 0;
            }

            var values = MemoryMarshal.Cast<byte, ushort>(samples);
            var colours = Colours;
            if (colours < _samples)
            {
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = i % _samples < colours ? values[i] : (ushort)0;
                }
            }

            return TensorPrimitives.Max<ushort>(values);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(raw);
        }
    }

    /// <inheritdoc/>
    public bool Decode(int column, int row, int reduction, Span<byte> rgb)
    {
        if (_planar || !HoldsStreams)
        {
            return DecodeSamples(column, row, rgb);
        }

        if (!Holds(column, row))
        {
            return false;
        }

        var encoded = ReadEncoded((row * _columns) + column, out var length);
        try
        {
            if (IsJpeg2000)
            {
                DecodeJpeg2000(encoded.AsSpan(0, length), rgb);
            }
            else
            {
                DecodeJpeg(encoded.AsSpan(0, length), reduction, rgb);
            }

            if (_photometric == 0 && _samples == 1)
            {
                Invert(rgb);
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }

    /// <inheritdoc/>
    public byte[]? JpegOf(int column, int row)
    {
        if (_compression != TiffCompression.Jpeg || _planar || _samples != 3 || !Holds(column, row))
        {
            return null;
        }

        var encoded = ReadEncoded((row * _columns) + column, out var length);
        var merged = ArrayPool<byte>.Shared.Rent(JpegStream.MergedLength(_jpegTables.Length, length));
        try
        {
            var stream = merged.AsSpan(0, Merge(encoded.AsSpan(0, length), merged));
            return JpegStream.ReadFrame(stream) == (TileSize.Width, TileSize.Height, 3) ? stream.ToArray() : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(merged);
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }

    /// <summary>Whether tiles are JPEG 2000.</summary>
    public bool IsJpeg2000 =>
        _compression is TiffCompression.AperioJpeg2000Rgb or TiffCompression.AperioJpeg2000YCbCr or TiffCompression.Jpeg2000 or TiffCompression.VipsJpeg2000;

    /// <summary>Whether tiles are JPEG or JPEG 2000 streams, rather than packed samples.</summary>
    private bool HoldsStreams => _compression == TiffCompression.Jpeg || IsJpeg2000;

    private static int Side(TiffDirectory directory, ushort tag) => ReadingLimits.Side(directory.Number(tag, 0));

    /// <summary>Samples of a pixel that are its colour; those after them are alpha or anything else.</summary>
    private int Colours => _photometric is 0 or 1 or 3 ? 1 : 3;

    /// <summary>Stored bytes of a pixel.</summary>
    private int PixelBytes => Math.Max(1, _samples * _bits / 8);

    private int TilesNeeded(out int columns, out int rows)
    {
        columns = CeilingDivide(Size.Width, TileSize.Width);
        rows = CeilingDivide(Size.Height, TileSize.Height);

        // A place and a length take three bytes at least.
        return ReadingLimits.Tiles((long)columns * rows * (_planar ? _samples : 1), IsTiled || rows > 1 ? 3 : 0, _file.Length);
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

        var isBilevel = _bits == 1 && _samples == 1 && _photometric is 0 or 1 && !_predicted;
        if ((_bits is not (8 or 16) && !isBilevel) || bits.Any(b => b != _bits))
        {
            throw new NotSupportedException($"It has {_bits} bits a sample; 8 and 16 are supported, and 1 in gray.");
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
            throw new NotSupportedException(
                $"Its colours (photometric interpretation {_photometric}, {_samples} samples) can't be read; gray, palette, RGB, RGBA and JPEG's YCbCr can.");
        }

        if (_compression == TiffCompression.Jpeg && _bits != 8)
        {
            throw new NotSupportedException("It holds JPEG data with other than 8 bits.");
        }

        if (_planar && IsJpeg2000 && _bits != 8)
        {
            throw new NotSupportedException($"It holds JPEG 2000 data of {_bits} bits in separate planes; 8 are supported there.");
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

    /// <summary>
    /// Which sample is the alpha, and whether colours are multiplied by it (tag 338, TIFF 6.0 section 18). A fourth sample that isn't said to be alpha means
    /// nothing.
    /// </summary>
    private (int Sample, bool IsPremultiplied) FindAlpha(TiffDirectory directory)
    {
        const int Premultiplied = 1;
        const int Straight = 2;
        var extra = directory.Numbers(TiffTag.ExtraSamples, _samples);
        var at = Array.FindIndex(extra, e => e is Premultiplied or Straight);
        var sample = at + Colours;
        return at < 0 || sample >= _samples || _photometric == 3 ? (-1, false) : (sample, extra[at] == Premultiplied);
    }

    private long RowBytes(int width) => (((long)width * (_planar ? 1 : _samples) * _bits) + 7) / 8;

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

        // Absurd lengths would overflow the sum.
        Array.ForEach(lengths[..strips], CheckLength);
        if (lengths[..strips].Sum() < rowBytes * Size.Height)
        {
            throw new InvalidDataException("Its strips hold fewer bytes than its pixels need.");
        }

        offsets = shortOffsets;
        lengths = shortLengths;
        TileSize = TileSize with { Height = height };
    }

    /// <summary>Refuses a tile or strip that would take far more bytes than its pixels.</summary>
    private void CheckLength(long bytes)
    {
        var decoded = TileSize.Area * PixelBytes;
        if (bytes < 0 || bytes > (decoded * 2) + (1 << 20))
        {
            throw new InvalidDataException($"It would take {bytes} bytes for {decoded} bytes of pixels.");
        }
    }

    private byte[] ReadEncoded(int index, out int length)
    {
        var bytes = _lengths[index];
        CheckLength(bytes);

        if (!_file.Holds(_offsets[index], bytes))
        {
            throw new InvalidDataException("Its data lies outside the file, which is cut short or damaged.");
        }

        length = (int)bytes;
        var encoded = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
        try
        {
            _file.Read(_offsets[index], encoded.AsSpan(0, length));
            if (_isMirrored && !HoldsStreams)
            {
                // FillOrder 2 turns the bits of every stored byte around; JPEG has its own order (as libtiff has it).
                MirrorBits(encoded.AsSpan(0, length));
            }

            return encoded;
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(encoded);
            throw;
        }
    }

    private static void MirrorBits(Span<byte> bytes)
    {
        foreach (ref var b in bytes)
        {
            b = (byte)(((b * 0x0202020202UL) & 0x010884422010UL) % 1023);
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

    /// <summary>Puts tables, colour and data together (<see cref="JpegStream.Merge"/>).</summary>
    private int Merge(ReadOnlySpan<byte> data, Span<byte> merged)
    {
        // The tag decides, unless the stream itself is plain: then the tag is wrong.
        var colour = JpegStream.StatedColour(_jpegTables, data);
        if (colour == JpegStream.Colour.Unsaid)
        {
            colour = _photometric == 6 ? JpegStream.Colour.YCbCr : JpegStream.Colour.Rgb;
        }

        return JpegStream.Merge(_jpegTables, data, colour, merged);
    }

    private void DecodeJpeg(ReadOnlySpan<byte> data, int reduction, Span<byte> rgb)
    {
        var merged = ArrayPool<byte>.Shared.Rent(JpegStream.MergedLength(_jpegTables.Length, data.Length));
        try
        {
            var stream = merged.AsSpan(0, Merge(data, merged));
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

        var colour = _compression switch
        {
            TiffCompression.VipsJpeg2000 => Jpeg2000Decoder.Colour.MixedYCbCr,
            TiffCompression.AperioJpeg2000YCbCr => Jpeg2000Decoder.Colour.YCbCr,
            _ => _compression == TiffCompression.Jpeg2000 && _photometric == 6 ? Jpeg2000Decoder.Colour.YCbCr : Jpeg2000Decoder.Colour.Rgb,
        };
        Jpeg2000Decoder.Decode(
            data,
            colour,
            rgb,
            TileSize.Width * 3);
    }

    private bool DecodeSamples(int column, int row, Span<byte> rgb)
    {
        var raw = RentSamples(row, out var length);
        try
        {
            if (!DecodeInto(column, row, StoredHeight(row), raw.AsSpan(0, length)))
            {
                return false;
            }

            ToRgb(raw.AsSpan(0, length), StoredHeight(row), rgb);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(raw);
        }
    }

    private byte[] RentSamples(int row, out int length)
    {
        length = checked((int)(RowBytes(TileSize.Width) * StoredHeight(row) * (_planar ? _samples : 1)));
        return ArrayPool<byte>.Shared.Rent(length);
    }

    /// <summary>Decodes to native samples, interleaved.</summary>
    private bool DecodeInto(int column, int row, int height, Span<byte> raw)
    {
        var index = (row * _columns) + column;
        if (!_planar)
        {
            if (!Holds(column, row))
            {
                return false;
            }

            DecodePart(index, height, _samples, raw);
            return true;
        }

        // Samples in separate planes: each is decoded, then laid side by side.
        var bytes = _bits / 8;
        var planeLength = raw.Length / _samples;
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

                DecodePart(at, height, 1, plane.AsSpan(0, planeLength));
                for (int i = 0, o = s * bytes; i < planeLength; i += bytes, o += _samples * bytes)
                {
                    raw[o] = plane[i];
                    if (bytes == 2)
                    {
                        raw[o + 1] = plane[i + 1];
                    }
                }
            }

            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(plane);
        }
    }

    private void DecodePart(int index, int height, int samples, Span<byte> raw)
    {
        var encoded = ReadEncoded(index, out var length);
        try
        {
            if (HoldsStreams)
            {
                DecodePlane(encoded.AsSpan(0, length), height, raw);
                return;
            }

            if (_compression == TiffCompression.None)
            {
                if (length < raw.Length)
                {
                    throw new InvalidDataException($"It holds {length} bytes where {raw.Length} are needed.");
                }

                encoded.AsSpan(0, raw.Length).CopyTo(raw);
            }
            else
            {
                Decompress(encoded, length, raw);
            }

            UndoByteOrderAndPredictor(raw, height, samples);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }

    /// <summary>Decodes a plane that is a JPEG or JPEG 2000 stream of its own, of one component.</summary>
    private void DecodePlane(ReadOnlySpan<byte> data, int height, Span<byte> samples)
    {
        var (width, rows, components) = IsJpeg2000 ? Jpeg2000Decoder.ReadFrame(data) : JpegStream.ReadFrame(data);
        if (components != 1)
        {
            throw new NotSupportedException($"A plane of one sample a pixel holds a stream of {components} components.");
        }

        // Cb and Cr may be stored smaller, each plane in a size of its own.
        if (width != TileSize.Width || rows < height)
        {
            throw new NotSupportedException(
                $"One of its planes has {width} x {rows} pixels where {TileSize.Width} x {height} are expected; planes of one size are supported.");
        }

        var length = checked((int)TileSize.Area * 3);
        var shades = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            if (IsJpeg2000)
            {
                DecodeJpeg2000(data, shades.AsSpan(0, length));
            }
            else
            {
                DecodeJpeg(data, 1, shades.AsSpan(0, length));
            }

            for (int i = 0, o = 0; i < samples.Length; i++, o += 3)
            {
                samples[i] = shades[o];
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(shades);
        }
    }

    /// <summary>Makes 16-bit samples native and undoes horizontal differencing (TIFF 6.0, section 14).</summary>
    private void UndoByteOrderAndPredictor(Span<byte> raw, int height, int samples)
    {
        var row = TileSize.Width * samples;
        if (_bits == 16)
        {
            var values = MemoryMarshal.Cast<byte, ushort>(raw);
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
    private void ToRgb(Span<byte> raw, int height, Span<byte> rgb)
    {
        var pixels = TileSize.Width * height;
        rgb[(pixels * 3)..].Fill(255);
        if (_bits == 16)
        {
            Narrow(raw);
        }

        if (_photometric == 3)
        {
            for (int i = 0, o = 0; i < pixels; i++, o += 3)
            {
                _palette.AsSpan(raw[i] * 3, 3).CopyTo(rgb[o..]);
            }
        }
        else if (_bits == 1)
        {
            BilevelToRgb(raw, height, rgb);
        }
        else if (_photometric is 0 or 1)
        {
            var flip = _photometric == 0 ? (byte)255 : (byte)0;
            for (int i = 0, o = 0, n = 0; n < pixels; n++, i += _samples, o += 3)
            {
                rgb.Slice(o, 3).Fill((byte)(raw[i] ^ flip));
            }
        }
        else if (_samples == 3)
        {
            raw[..(pixels * 3)].CopyTo(rgb);
            if (_photometric == 6 || _compression == TiffCompression.AperioJpeg2000YCbCr)
            {
                // Streams that hold all samples are converted as they are decoded; planes are together only here.
                Jpeg2000Decoder.YCbCrToRgb(rgb[..(pixels * 3)]);
            }
        }
        else
        {
            for (int i = 0, o = 0, n = 0; n < pixels; n++, i += _samples, o += 3)
            {
                raw.Slice(i, 3).CopyTo(rgb[o..]);
            }
        }

        if (_alpha >= 0)
        {
            ApplyAlpha(raw, pixels, rgb);
        }
    }

    /// <summary>Brings 16-bit samples to 8 bits, in place: the highest eight of those that are used.</summary>
    private void Narrow(Span<byte> raw)
    {
        var values = MemoryMarshal.Cast<byte, ushort>(raw);
        var shift = UsedBits - 8;
        for (var i = 0; i < values.Length; i++)
        {
            raw[i] = (byte)Math.Min(255, values[i] >> shift);
        }
    }

    /// <summary>Gray whose 0 is white.</summary>
    private static void Invert(Span<byte> rgb)
    {
        foreach (ref var value in rgb)
        {
            value ^= 255;
        }
    }

    private void BilevelToRgb(ReadOnlySpan<byte> raw, int height, Span<byte> rgb)
    {
        var rowBytes = (int)RowBytes(TileSize.Width);
        var white = _photometric == 0 ? 0 : 1;
        for (int y = 0, o = 0; y < height; y++)
        {
            var row = raw.Slice(y * rowBytes, rowBytes);
            for (var x = 0; x < TileSize.Width; x++, o += 3)
            {
                var bit = (row[x >> 3] >> (7 - (x & 7))) & 1;
                rgb.Slice(o, 3).Fill(bit == white ? (byte)255 : (byte)0);
            }
        }
    }

    private void ApplyAlpha(ReadOnlySpan<byte> raw, int pixels, Span<byte> rgb)
    {
        for (int i = _alpha, o = 0, n = 0; n < pixels; n++, i += _samples, o += 3)
        {
            if (!IsMask)
            {
                RgbaToRgb.OverWhite(rgb.Slice(o, 3), raw[i], _isPremultiplied);
            }
            else if (raw[i] < 128)
            {
                rgb.Slice(o, 3).Clear();
            }
        }
    }
}
