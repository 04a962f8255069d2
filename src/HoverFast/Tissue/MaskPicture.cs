using HoverFast.Files;
using HoverFast.Slides;
using HoverFast.Slides.Png;
using HoverFast.Slides.Tiff;

namespace HoverFast.Tissue;

/// <summary>A mask picture in memory: a byte a cell, the largest value of the pixels that it covers.</summary>
internal sealed class MaskPicture
{
    /// <summary>Cells beyond which pixels are put together.</summary>
    private const long MostCells = 64_000_000;

    private const int BandBytes = 16 << 20;

    /// <summary>Pixels less opaque than this are no tissue, whatever their colour.</summary>
    private const byte Opaque = 127;

    private readonly byte[] _values;
    private readonly int _step;

    private MaskPicture(PixelSize pixels, bool isLossy)
    {
        Pixels = pixels;
        IsLossy = isLossy;
        _step = Math.Max(1, (int)Math.Ceiling(Math.Sqrt(pixels.Area / (double)MostCells)));
        Size = new PixelSize((pixels.Width + _step - 1) / _step, (pixels.Height + _step - 1) / _step);
        _values = new byte[Size.Area];
    }

    /// <summary>Pixels of the file (or of the level that was read).</summary>
    public PixelSize Pixels { get; }

    /// <summary>Cells.</summary>
    public PixelSize Size { get; }

    /// <summary>Cells in a pixel of the file, 1 or less.</summary>
    public double CellsPerPixel => 1.0 / _step;

    /// <summary>Whether values may differ from those that were stored.</summary>
    public bool IsLossy { get; }

    /// <summary>
    /// Which cells are tissue: all above 0 (masks hold 255, 1 or the number of a region); where the picture is stored with loss, all above half of the largest
    /// value.
    /// </summary>
    public bool[] Tissue()
    {
        var least = IsLossy ? _values.Max() / 2 : 0;
        return Array.ConvertAll(_values, v => v > least);
    }

    /// <summary>Reads a PNG, TIFF, JPEG, BMP, GIF or WebP file.</summary>
    /// <exception cref="SlideException">The file is missing, no picture, cut short, damaged or absurdly large.</exception>
    public static MaskPicture Read(string path)
    {
        try
        {
            return IsTiff(path) ? ReadTiff(path) : ReadPicture(path);
        }
        catch (InvalidDataException e)
        {
            throw new SlideException(path, $"can't be read as a mask picture: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, RgbImageFile.Unreadable(e), e);
        }
    }

    private static bool IsTiff(string path)
    {
        using var file = RegularFile.OpenHandle(path);
        Span<byte> start = stackalloc byte[8];
        var read = RandomAccess.Read(file, start, 0);
        return TiffFile.IsTiff(start[..read]);
    }

    private static MaskPicture ReadPicture(string path)
    {
        using (var stream = RegularFile.OpenRead(path))
        {
            if (ReadGrayPng(stream) is { } gray)
            {
                return gray;
            }
        }

        using var file = PictureFile.Open(path);
        ReadingLimits.CheckLevel(file.Size, 1, file.Length);
        if (!file.IsLean && !ReadingLimits.MayHoldPicture(file.Size, byRows: false, file.Length))
        {
            throw new InvalidDataException($"it has {file.Size} pixels and can't be decoded row by row; save it as a gray PNG without interlacing.");
        }

        var mask = new MaskPicture(file.Size, file.IsLossy);
        file.Read((y, rows, pixels) => mask.Add(y, rows, pixels, 4));
        return mask;
    }

    /// <summary>Reads gray of any bits, and any 16 bits, exactly; null for other pictures.</summary>
    private static MaskPicture? ReadGrayPng(FileStream file)
    {
        Span<byte> start = stackalloc byte[8];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        if (!PngRows.IsPng(start[..read]))
        {
            return null;
        }

        using var rows = PngRows.Open(file);
        if (rows.IsInterlaced || (rows.ColourType != PngRows.Gray && rows.Bits != 16))
        {
            return null;
        }

        ReadingLimits.CheckLevel(new PixelSize(rows.Width, rows.Height), 1, file.Length);
        var mask = new MaskPicture(new PixelSize(rows.Width, rows.Height), isLossy: false);
        for (var y = 0; y < rows.Height; y++)
        {
            mask.AddRow(y, rows.Read(), rows);
        }

        return mask;
    }

    private static MaskPicture ReadTiff(string path)
    {
        using var slide = TiffSlide.OpenMask(path);
        var level = slide.Levels.FirstOrDefault(l => l.Size.Area <= MostCells) ?? slide.Levels[^1];
        var mask = new MaskPicture(level.Size, slide.IsLossy);
        var rows = Math.Clamp(BandBytes / (level.Size.Width * 3), 1, level.Size.Height);
        for (var y = 0; y < level.Size.Height; y += rows)
        {
            var band = new RgbImage(level.Size.Width, Math.Min(rows, level.Size.Height - y));
            slide.Read(level.Index, 1, new PixelRect(0, y, band.Width, band.Height), band);
            mask.Add(y, band.Height, band.Span, 3);
        }

        return mask;
    }

    /// <summary>Takes a row as a PNG stores it: above 0 is above 0, of however many bits; transparent pixels are left out.</summary>
    private void AddRow(int y, ReadOnlySpan<byte> row, PngRows format)
    {
        var cells = _values.AsSpan(y / _step * Size.Width, Size.Width);
        if (!row.ContainsAnyExcept((byte)0))
        {
            return;
        }

        var colours = format.Channels - (format.Channels % 2 == 0 ? 1 : 0);
        for (var x = 0; x < Pixels.Width; x++)
        {
            bool isAbove;
            if (format.Bits < 8)
            {
                var at = x * format.Bits;
                isAbove = ((row[at >> 3] >> (8 - format.Bits - (at & 7))) & ((1 << format.Bits) - 1)) != 0;
            }
            else
            {
                var bytes = format.Bits / 8;
                var pixel = row.Slice(x * format.Channels * bytes, format.Channels * bytes);
                isAbove = pixel[..(colours * bytes)].ContainsAnyExcept((byte)0) && (colours == format.Channels || pixel[colours * bytes] > Opaque);
            }

            if (isAbove)
            {
                cells[x / _step] = byte.MaxValue;
            }
        }
    }

    private void Add(int firstRow, int rows, ReadOnlySpan<byte> pixels, int channels)
    {
        for (var y = 0; y < rows; y++)
        {
            var row = pixels.Slice(y * Pixels.Width * channels, Pixels.Width * channels);
            var cells = _values.AsSpan((firstRow + y) / _step * Size.Width, Size.Width);
            for (int x = 0, left = _step, cell = 0, i = 0; x < Pixels.Width; x++, i += channels)
            {
                if (channels == 3 || row[i + 3] > Opaque)
                {
                    cells[cell] = Math.Max(cells[cell], Math.Max(row[i], Math.Max(row[i + 1], row[i + 2])));
                }

                if (--left == 0)
                {
                    (left, cell) = (_step, cell + 1);
                }
            }
        }
    }
}
