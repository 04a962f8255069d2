using HoverFast.Slides.Dicom;

namespace HoverFast.Slides;

/// <summary>A slide made of levels that are stored in tiles: finds the tiles under a region, decodes those that aren't at hand, copies.</summary>
internal sealed class TiledSlide : ISlide
{
    /// <summary>Decoded bytes kept at hand for each slide: the tiles under a row of a few working tiles.</summary>
    private const long CacheBytes = 64L << 20;

    private readonly ITileSource[] _sources;
    private readonly IDisposable _file;
    private readonly TileCache _cache = new(CacheBytes);

    /// <summary>Makes a slide.</summary>
    /// <param name="path">The file as it was given.</param>
    /// <param name="format">The format in words.</param>
    /// <param name="sources">The levels, the finest first.</param>
    /// <param name="calibration">What the file states, or null.</param>
    /// <param name="file">Closed with the slide.</param>
    /// <param name="downsamples">Level-0 pixels in a pixel of each level, where the sizes don't tell; null takes the sizes' word.</param>
    public TiledSlide(
        string path,
        string format,
        IReadOnlyList<ITileSource> sources,
        SlideCalibration? calibration,
        IDisposable file,
        IReadOnlyList<double>? downsamples = null)
    {
        Path = path;
        Format = format;
        _sources = [.. sources];
        _file = file;
        Calibration = calibration;
        var full = _sources[0].Size;
        Levels = [.. _sources.Select((source, i) => new SlideLevel(i, source.Size, downsamples?[i] ?? DownsampleOf(full, source.Size), source.TileSize))];
        Bounds = new PixelRect(0, 0, full.Width, full.Height);
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public string Format { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SlideLevel> Levels { get; }

    /// <inheritdoc/>
    public SlideCalibration? Calibration { get; }

    /// <inheritdoc/>
    public PixelRect Bounds { get; }

    /// <summary>The label and the overview of a DICOM slide; null for other slides, and where they aren't offered.</summary>
    public DicomAssociated? DicomPictures { get; init; }

    /// <summary>Elements of the finest level's image, where the slide is DICOM; null otherwise.</summary>
    public DicomDataSet? Dicom { get; init; }

    /// <inheritdoc/>
    public SlideDetails Details { get; init; } = SlideDetails.None;

    /// <summary>Whether pixels may differ from those that were stored, as with JPEG.</summary>
    public bool IsLossy { get; init; }

    /// <summary>The shade of what no level holds.</summary>
    public byte Absent { get; init; } = byte.MaxValue;

    /// <summary>What tells the slide from others where it lies on a server; null where it lies in files.</summary>
    public string? Identity { get; init; }

    /// <inheritdoc/>
    public IReadOnlyList<int> ReductionsOf(int level) => _sources[level].Reductions;

    /// <summary>A tile as the file stores it, where that is a JPEG that any decoder shows alike; null elsewhere.</summary>
    /// <exception cref="SlideException">The tile is damaged.</exception>
    public byte[]? JpegOf(int level, int column, int row)
    {
        try
        {
            return _sources[level].JpegOf(column, row);
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(level, column, row, e);
        }
    }

    /// <inheritdoc/>
    public void Read(int level, int reduction, PixelRect region, RgbImage destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var source = _sources[level];
        RegionCopy.Check(region, destination);
        if (!source.Reductions.Contains(reduction))
        {
            throw new ArgumentOutOfRangeException(nameof(reduction), reduction, "The level's decoder can't shrink by this.");
        }

        var width = CeilingDivide(source.Size.Width, reduction);
        var height = CeilingDivide(source.Size.Height, reduction);
        var tileWidth = CeilingDivide(source.TileSize.Width, reduction);
        var tileHeight = CeilingDivide(source.TileSize.Height, reduction);
        var inside = region.Intersect(new PixelRect(0, 0, width, height));
        if (inside != region)
        {
            destination.Span.Fill(Absent);
        }

        if (inside.Width <= 0 || inside.Height <= 0)
        {
            return;
        }

        var columns = CeilingDivide(source.Size.Width, source.TileSize.Width);
        if (Identity is not null)
        {
            Announce(
                source,
                level,
                reduction,
                columns,
                new PixelRect(
                    inside.X / tileWidth,
                    inside.Y / tileHeight,
                    ((inside.Right - 1) / tileWidth) - (inside.X / tileWidth) + 1,
                    ((inside.Bottom - 1) / tileHeight) - (inside.Y / tileHeight) + 1));
        }

        for (var row = inside.Y / tileHeight; row <= (inside.Bottom - 1) / tileHeight; row++)
        {
            for (var column = inside.X / tileWidth; column <= (inside.Right - 1) / tileWidth; column++)
            {
                var tile = new PixelRect(column * tileWidth, row * tileHeight, tileWidth, tileHeight);
                var (c, r) = (column, row);
                using var lease = _cache.Get(
                    (level, reduction, ((long)row * columns) + column),
                    tileWidth * tileHeight * 3,
                    pixels => DecodeTile(level, c, r, reduction, pixels.Span));
                RegionCopy.Copy(lease.Pixels, tile, inside, region, destination);
            }
        }
    }

    /// <summary>Tells a source that fetches from afar which tiles come next, those at hand left out.</summary>
    private void Announce(ITileSource source, int level, int reduction, int columns, PixelRect tiles)
    {
        var missing = new List<(int, int)>();
        for (var row = tiles.Y; row < tiles.Bottom; row++)
        {
            for (var column = tiles.X; column < tiles.Right; column++)
            {
                if (!_cache.Has((level, reduction, ((long)row * columns) + column)))
                {
                    missing.Add((column, row));
                }
            }
        }

        source.Announce(missing);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        _file.Dispose();
    }

    /// <summary>
    /// How many full-resolution pixels a level's pixel spans. Writers round the size of a level up or down: where an integer factor
    /// explains the size, that is the factor, so that pixels of all levels keep in phase.
    /// </summary>
    internal static double DownsampleOf(PixelSize full, PixelSize level)
    {
        var x = (double)full.Width / level.Width;
        var y = (double)full.Height / level.Height;
        var factor = Math.Max(1, Math.Round(Math.Max(full.Width, full.Height) / (double)Math.Max(level.Width, level.Height)));
        var fits = Math.Abs(level.Width - (full.Width / factor)) < 1.001 && Math.Abs(level.Height - (full.Height / factor)) < 1.001;
        return fits ? factor : Math.Sqrt(x * y);
    }

    /// <summary>
    /// Makes a tile that a coarse level lacks of the next finer level that holds something there: scanners leave tiles out of coarse levels that
    /// finer ones hold.
    /// </summary>
    /// <returns>False where no level holds anything: the place is white.</returns>
    private bool MakeFromFiner(int level, int column, int row, int reduction, Span<byte> rgb)
    {
        var tile = _sources[level].TileSize;
        var downsample = Levels[level].Downsample;
        var (left, top) = (column * tile.Width * downsample, row * tile.Height * downsample);
        var (right, bottom) = (left + (tile.Width * downsample), top + (tile.Height * downsample));
        var finer = level - 1;
        while (finer >= 0 && !HoldsAny(finer, left, top, right, bottom))
        {
            finer--;
        }

        if (finer < 0)
        {
            return false;
        }

        var scale = downsample * reduction;
        var shrunk = _sources[finer].Reductions.Where(r => Levels[finer].Downsample * r <= scale).Max();
        var size = new PixelSize(CeilingDivide(tile.Width, reduction), CeilingDivide(tile.Height, reduction));
        var image = new RgbImage(size.Width, size.Height);
        var source = new ReducedLevel(this, finer, shrunk);
        source.ReadResampled(
            new WorkingRect(column * size.Width, row * size.Height, size.Width, size.Height),
            scale / source.Downsample,
            ReducedLevel.SizeOf(this, level, reduction),
            image,
            vectors: true);
        image.Span.CopyTo(rgb);
        return true;
    }

    /// <summary>Whether a level holds a tile in a rectangle of level 0.</summary>
    private bool HoldsAny(int level, double left, double top, double right, double bottom)
    {
        var source = _sources[level];
        var (width, height) = (source.TileSize.Width * Levels[level].Downsample, source.TileSize.Height * Levels[level].Downsample);
        var lastColumn = Math.Min(CeilingDivide(source.Size.Width, source.TileSize.Width), Math.Ceiling(right / width));
        var lastRow = Math.Min(CeilingDivide(source.Size.Height, source.TileSize.Height), Math.Ceiling(bottom / height));
        for (var row = (int)(top / height); row < lastRow; row++)
        {
            for (var column = (int)(left / width); column < lastColumn; column++)
            {
                if (source.Holds(column, row))
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static int CeilingDivide(int value, int divisor) => (value + divisor - 1) / divisor;

    private bool DecodeTile(int level, int column, int row, int reduction, Span<byte> rgb)
    {
        try
        {
            if (_sources[level].Decode(column, row, reduction, rgb) || (level > 0 && MakeFromFiner(level, column, row, reduction, rgb)))
            {
                return true;
            }

            if (Absent == byte.MaxValue)
            {
                return false;
            }

            rgb.Fill(Absent);
            return true;
        }
        catch (Exception e) when (IsDamage(e))
        {
            throw Damaged(level, column, row, e);
        }
    }

    private static bool IsDamage(Exception e) => e is InvalidDataException or NotSupportedException or IOException;

    private SlideException Damaged(int level, int column, int row, Exception e)
    {
        var tile = Levels[level].TileSize;
        var scale = Levels[level].Downsample;
        var region = new PixelRect((int)(column * tile.Width * scale), (int)(row * tile.Height * scale), (int)(tile.Width * scale), (int)(tile.Height * scale))
            .Intersect(new PixelRect(0, 0, Levels[0].Size.Width, Levels[0].Size.Height));
        return new SlideException(Path, $"the tile in column {column}, row {row} of level {level} can't be read: {e.Message}", e) { Region = region };
    }
}
