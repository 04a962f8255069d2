using System.Buffers;
using HoverFast.Slides.Jpeg;
using HoverFast.Slides.Jpeg2000;

namespace HoverFast.Slides.Dicom;

/// <summary>One DICOM file as a level: its frames are the tiles, in order (TILED_FULL) or where each says (TILED_SPARSE).</summary>
internal sealed class DicomLevel : ITileSource
{
    private const int LongestSide = 1 << 24;
    private const long MostTilePixels = 16_000_000;

    private readonly IDicomFrames _frames;
    private readonly Encoding _encoding;
    private readonly int _samples;
    private readonly bool _isPlanar;
    private readonly bool _isYCbCr;
    private readonly bool _isInverted;
    private readonly int _columns;
    private readonly Dictionary<(int Column, int Row), int>? _sparse;

    /// <summary>Reads a file's layout.</summary>
    /// <exception cref="InvalidDataException">Its elements are missing or contradict each other.</exception>
    /// <exception cref="NotSupportedException">It is stored in a way that isn't known.</exception>
    public DicomLevel(DicomFile file)
    {
        _frames = file.Frames;
        var elements = file.Elements;
        TileSize = new PixelSize(Side(elements, DicomTag.Columns), Side(elements, DicomTag.Rows));
        Size = new PixelSize(Side(elements, DicomTag.TotalColumns), Side(elements, DicomTag.TotalRows));
        if (TileSize.Area > MostTilePixels)
        {
            throw new InvalidDataException($"Its tiles have {TileSize} pixels, more than can be decoded at once.");
        }

        _encoding = EncodingOf(elements.Text(DicomTag.TransferSyntax));
        _samples = (int)(elements.Integer(DicomTag.SamplesPerPixel) ?? 1);
        var photometric = elements.Text(DicomTag.Photometric);
        _isYCbCr = photometric.StartsWith("YBR", StringComparison.Ordinal);
        _isInverted = photometric == "MONOCHROME1";
        _isPlanar = elements.Integer(DicomTag.PlanarConfiguration) == 1;
        if ((elements.Integer(DicomTag.BitsAllocated) ?? 8) != 8 || _samples is not (1 or 3))
        {
            throw new NotSupportedException("It isn't gray or RGB with 8 bits a sample.");
        }

        if (_encoding == Encoding.None && _isYCbCr)
        {
            throw new NotSupportedException($"Its colours are uncompressed {photometric}, which isn't supported.");
        }

        if (elements.Integer(DicomTag.FocalPlanes) > 1 || elements.Integer(DicomTag.OpticalPaths) > 1)
        {
            throw new NotSupportedException("It holds several focal planes or optical paths; one is supported.");
        }

        _columns = CeilingDivide(Size.Width, TileSize.Width);
        var tiles = (long)_columns * CeilingDivide(Size.Height, TileSize.Height);
        var isSparse = elements.Text(DicomTag.DimensionOrganization) != "TILED_FULL" && file.Placements.Count > 0;
        if (isSparse)
        {
            _sparse = Place(file.Placements);
        }
        else if (_frames.Count < tiles)
        {
            throw new InvalidDataException($"It needs {tiles} frames but holds {_frames.Count}.");
        }

        Reductions = _encoding == Encoding.Jpeg
            ? [.. JpegDecoder.Reductions.Where(r => TileSize.Width % r == 0 && TileSize.Height % r == 0)]
            : [1];
    }

    private enum Encoding
    {
        None,
        Jpeg,
        Jpeg2000,
    }

    /// <inheritdoc/>
    public PixelSize Size { get; }

    /// <inheritdoc/>
    public PixelSize TileSize { get; }

    /// <inheritdoc/>
    public IReadOnlyList<int> Reductions { get; }

    /// <inheritdoc/>
    public bool Decode(int column, int row, int reduction, Span<byte> rgb)
    {
        var frame = (row * _columns) + column;
        if (_sparse is not null && !_sparse.TryGetValue((column, row), out frame))
        {
            return false;
        }

        using var data = _frames.Read(frame);
        if (data.Memory.IsEmpty)
        {
            return false;
        }

        Decode(data.Memory.Span, reduction, rgb);
        return true;
    }

    private static int CeilingDivide(int value, int divisor) => (int)(((long)value + divisor - 1) / divisor);

    private static Encoding EncodingOf(string syntax) => syntax switch
    {
        DicomTransferSyntax.ExplicitLittleEndian or DicomTransferSyntax.ImplicitLittleEndian => Encoding.None,
        DicomTransferSyntax.JpegBaseline => Encoding.Jpeg,
        DicomTransferSyntax.Jpeg2000Lossless or DicomTransferSyntax.Jpeg2000 => Encoding.Jpeg2000,
        _ => throw new NotSupportedException($"Its transfer syntax {DicomTransferSyntax.Describe(syntax)} isn't supported; uncompressed, JPEG baseline and JPEG 2000 are."),
    };

    private static int Side(DicomDataSet elements, DicomTag tag)
    {
        var side = elements.Integer(tag) ?? 0;
        return side is > 0 and <= LongestSide ? (int)side : throw new InvalidDataException($"Its width, height or tile size would be {side} pixels.");
    }

    private Dictionary<(int Column, int Row), int> Place(List<DicomPlacement> placements)
    {
        if (placements.Count > _frames.Count)
        {
            throw new InvalidDataException($"It places {placements.Count} frames but holds {_frames.Count}.");
        }

        var places = new Dictionary<(int, int), int>();
        for (var f = 0; f < placements.Count; f++)
        {
            var (x, y) = (placements[f].Column - 1, placements[f].Row - 1);
            if (x < 0 || y < 0 || x % TileSize.Width != 0 || y % TileSize.Height != 0)
            {
                throw new NotSupportedException("Its tiles don't lie on a grid, which isn't supported.");
            }

            places[(x / TileSize.Width, y / TileSize.Height)] = f;
        }

        return places;
    }

    private void Decode(ReadOnlySpan<byte> data, int reduction, Span<byte> rgb)
    {
        switch (_encoding)
        {
            case Encoding.Jpeg:
                DecodeJpeg(data, reduction, rgb);
                break;
            case Encoding.Jpeg2000:
                if (Jpeg2000Decoder.ReadSize(data) != TileSize)
                {
                    throw new InvalidDataException("The JPEG 2000 data has another size than the tile.");
                }

                Jpeg2000Decoder.Decode(data, _isYCbCr ? Jpeg2000Decoder.Colour.YCbCr : Jpeg2000Decoder.Colour.Rgb, rgb, TileSize.Width * 3);
                break;
            default:
                CopyRaw(data, rgb);
                break;
        }
    }

    private void DecodeJpeg(ReadOnlySpan<byte> data, int reduction, Span<byte> rgb)
    {
        var merged = ArrayPool<byte>.Shared.Rent(JpegStream.MergedLength(0, data.Length));
        try
        {
            var length = JpegStream.Merge([], data, _isYCbCr ? JpegStream.Colour.YCbCr : JpegStream.Colour.Rgb, merged);
            var stream = merged.AsSpan(0, length);
            var (width, height, _) = JpegStream.ReadFrame(stream);
            if (new PixelSize(width, height) != TileSize)
            {
                throw new InvalidDataException("The JPEG data has another size than the tile.");
            }

            JpegDecoder.Best.Decode(stream, width, height, reduction, rgb, CeilingDivide(width, reduction) * 3);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(merged);
        }
    }

    private void CopyRaw(ReadOnlySpan<byte> data, Span<byte> rgb)
    {
        var pixels = (int)TileSize.Area;
        if (data.Length < (long)pixels * _samples)
        {
            throw new InvalidDataException($"The frame holds {data.Length} bytes where {(long)pixels * _samples} are needed.");
        }

        if (_samples == 3 && !_isPlanar)
        {
            data[..(pixels * 3)].CopyTo(rgb);
            return;
        }

        var flip = _isInverted ? (byte)255 : (byte)0;
        for (int i = 0, o = 0; i < pixels; i++, o += 3)
        {
            for (var c = 0; c < 3; c++)
            {
                rgb[o + c] = _samples == 1 ? (byte)(data[i] ^ flip) : data[(c * pixels) + i];
            }
        }
    }
}
