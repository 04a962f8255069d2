using System.Buffers;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using HoverFast.Slides.Jpeg;

namespace HoverFast.Slides.Tiff;

/// <summary>One page of a TIFF as a level: where its tiles or strips lie, and how their bytes become RGB.</summary>
internal sealed class TiffImage : ITileSource
{
    private readonly TiffFile _file;
    private readonly TiffCompression _compression;
    private readonly TiffSamples _samples;
    private readonly TiffColours _colours;
    private readonly bool _isMirrored;
    private readonly TiffStreams _streams;
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

        _samples = new TiffSamples(directory, _compression);
        _colours = new TiffColours(_samples);
        _isMirrored = directory.Number(TiffTag.FillOrder, 1) == 2;
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
        ReadingLimits.CheckLevel(Size, _samples.PixelBytes, file.Length);

        // Some writers list tiles under the tags of strips.
        var tileTags = IsTiled && directory.Has(TiffTag.TileOffsets);
        _offsets = directory.Numbers(tileTags ? TiffTag.TileOffsets : TiffTag.StripOffsets, needed);
        _lengths = directory.Numbers(tileTags ? TiffTag.TileByteCounts : TiffTag.StripByteCounts, needed);
        if (_lengths.Length == 0 && _offsets.Length == 1 && _compression == TiffCompression.None)
        {
            _lengths = [_samples.RowBytes(Size.Width) * Size.Height];
        }

        if (!IsTiled && _compression == TiffCompression.None && !_samples.IsPlanar)
        {
            SplitLongStrips(ref _offsets, ref _lengths);
            needed = TilesNeeded(out _columns, out _rows);
        }

        ReadingLimits.CheckTile(TileSize, _samples.PixelBytes, file.Length);
        if (_offsets.Length < needed || _lengths.Length < needed)
        {
            throw new InvalidDataException($"It needs {needed} {(IsTiled ? "tiles" : "strips")} but lists {Math.Min(_offsets.Length, _lengths.Length)}.");
        }

        _streams = new TiffStreams(_compression, _samples, _compression == TiffCompression.Jpeg ? directory.Raw(TiffTag.JpegTables) : [], TileSize);
        var shrinks = _compression == TiffCompression.Jpeg && !_samples.IsPlanar;
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
    public int Samples => _samples.Count;

    /// <summary>Bits of a sample as they are stored.</summary>
    public int Bits => _samples.Bits;

    /// <summary>Whether pixels are one shade of gray: a channel of its own, perhaps.</summary>
    public bool IsGray => _samples.IsGray;

    /// <inheritdoc cref="TiffColours.UsedBits"/>
    public int UsedBits
    {
        get => _colours.UsedBits;
        set => _colours.UsedBits = value;
    }

    /// <inheritdoc cref="TiffColours.IsMask"/>
    public bool IsMask
    {
        get => _colours.IsMask;
        set => _colours.IsMask = value;
    }

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
            if (_samples.Colours < _samples.Count)
            {
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = i % _samples.Count < _samples.Colours ? values[i] : (ushort)0;
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
        if (_samples.IsPlanar || !HoldsStreams)
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
            _streams.Decode(encoded.AsSpan(0, length), reduction, rgb);
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
        if (_compression != TiffCompression.Jpeg || _samples.IsPlanar || _samples.Count != 3 || !Holds(column, row))
        {
            return null;
        }

        var encoded = ReadEncoded((row * _columns) + column, out var length);
        try
        {
            return _streams.JpegOf(encoded.AsSpan(0, length));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }

    /// <summary>Whether tiles are JPEG 2000.</summary>
    public bool IsJpeg2000 => _compression.IsJpeg2000();

    /// <summary>Whether tiles are JPEG or JPEG 2000 streams, rather than packed samples.</summary>
    private bool HoldsStreams => _compression == TiffCompression.Jpeg || IsJpeg2000;

    private static int Side(TiffDirectory directory, ushort tag) => ReadingLimits.Side(directory.Number(tag, 0));

    private int TilesNeeded(out int columns, out int rows)
    {
        columns = CeilingDivide(Size.Width, TileSize.Width);
        rows = CeilingDivide(Size.Height, TileSize.Height);

        // A place and a length take three bytes at least.
        return ReadingLimits.Tiles((long)columns * rows * (_samples.IsPlanar ? _samples.Count : 1), IsTiled || rows > 1 ? 3 : 0, _file.Length);
    }

    private static int CeilingDivide(int value, int divisor) => (int)(((long)value + divisor - 1) / divisor);

    private bool MeetsWithoutGap(int reduction) =>
        (TileSize.Width % reduction == 0 || TileSize.Width >= Size.Width) && (TileSize.Height % reduction == 0 || TileSize.Height >= Size.Height);

    /// <summary>Strips are as high as what is left; tiles are always whole.</summary>
    private int StoredHeight(int row) => IsTiled ? TileSize.Height : Math.Min(TileSize.Height, Size.Height - (row * TileSize.Height));

    /// <summary>Uncompressed strips can be entered anywhere: long ones become short ones, so that a region doesn't cost the whole picture.</summary>
    private void SplitLongStrips(ref long[] offsets, ref long[] lengths)
    {
        var rowBytes = _samples.RowBytes(Size.Width);
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
        var decoded = TileSize.Area * _samples.PixelBytes;
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
                TiffUnpacker.MirrorBits(encoded.AsSpan(0, length));
            }

            return encoded;
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(encoded);
            throw;
        }
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

            _colours.Convert(raw.AsSpan(0, length), TileSize.Width, StoredHeight(row), rgb);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(raw);
        }
    }

    private byte[] RentSamples(int row, out int length)
    {
        length = checked((int)(_samples.RowBytes(TileSize.Width) * StoredHeight(row) * (_samples.IsPlanar ? _samples.Count : 1)));
        return ArrayPool<byte>.Shared.Rent(length);
    }

    /// <summary>Decodes to native samples, interleaved.</summary>
    private bool DecodeInto(int column, int row, int height, Span<byte> raw)
    {
        var index = (row * _columns) + column;
        if (!_samples.IsPlanar)
        {
            if (!Holds(column, row))
            {
                return false;
            }

            DecodePart(index, height, _samples.Count, raw);
            return true;
        }

        // Samples in separate planes: each is decoded, then laid side by side.
        var bytes = _samples.Bits / 8;
        var planeLength = raw.Length / _samples.Count;
        var plane = ArrayPool<byte>.Shared.Rent(planeLength);
        try
        {
            for (var s = 0; s < _samples.Count; s++)
            {
                var at = index + (s * _columns * _rows);
                if (_lengths[at] == 0 || _offsets[at] == 0)
                {
                    return false;
                }

                DecodePart(at, height, 1, plane.AsSpan(0, planeLength));
                for (int i = 0, o = s * bytes; i < planeLength; i += bytes, o += _samples.Count * bytes)
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
                _streams.DecodePlane(encoded.AsSpan(0, length), height, raw);
                return;
            }

            TiffUnpacker.Unpack(_compression, encoded, length, raw);
            TiffUnpacker.MakeNative(raw, TileSize.Width * samples, samples, _samples.Bits == 16, _file.SwapsSamples, _samples.IsPredicted);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }
}
