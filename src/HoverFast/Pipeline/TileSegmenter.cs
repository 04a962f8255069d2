using System.Collections.Concurrent;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Tiles;

namespace HoverFast.Pipeline;

/// <summary>
/// Takes a tile through all steps to its nuclei: read, infer, find, measure. Where the network allows it, a tile goes through them in bands, one below the
/// other, so that no more of its picture and maps is in memory than a band needs; the nuclei are the same, bit for bit, as of whole pictures and maps that are
/// looked at in these bands. Thread safe.
/// </summary>
/// <param name="steps">The steps.</param>
/// <param name="skipCorrupt">Take what can't be decoded as blank and list it, instead of giving the slide up.</param>
/// <param name="clock">Takes the time of each step.</param>
internal sealed class TileSegmenter(ITileSteps steps, bool skipCorrupt, StageClock clock)
{
    /// <summary>Rows of a tile that are read at a time where it isn't in memory whole.</summary>
    private const int RowsAtOnce = 256;

    private readonly PicturePool _pictures = new();
    private readonly ConcurrentBag<BandWindow> _windows = [];

    /// <summary>Segments a tile.</summary>
    /// <param name="tile">The tile.</param>
    /// <returns>What was found in it, with nuclei a little beyond its own area.</returns>
    /// <exception cref="SlideException">It can't be read.</exception>
    public TileResult Segment(Tile tile)
    {
        var bands = steps.Bands(tile);
        using var network = steps.StartBands(tile.Input);
        return network is null ? Whole(tile, bands) : InBands(tile, bands, network);
    }

    /// <summary>A tile that is read and shown to the network whole.</summary>
    private TileResult Whole(Tile tile, IReadOnlyList<Tile> bands)
    {
        var picture = _pictures.Rent(tile.Input.Width, tile.Input.Height);
        var corrupt = Read(tile.Input, picture);

        // A first look: nothing on glass is worth the network's time.
        if (IsGlass(picture))
        {
            _pictures.Return(picture);
            return new TileResult(tile.Index, [], [], corrupt, []);
        }

        var start = ThreadTime.Now;
        var maps = steps.Infer(picture, tile.Input);
        clock.Add(Stage.Infer, start);
        var window = TakeWindow();
        var found = new List<TileResult>(bands.Count);
        foreach (var band in bands)
        {
            var (mapsOfBand, pictureOfBand) = window.Cut(band, tile, maps, picture);
            found.Add(Find(found.Count, band, mapsOfBand, pictureOfBand));
        }

        _windows.Add(window);
        var result = Joined(tile, bands, found, corrupt) with { Maps = steps.Finish(maps, tile) };
        _pictures.Return(picture);
        return result;
    }

    /// <summary>A tile of which no more rows are in memory than the band needs whose turn it is.</summary>
    private TileResult InBands(Tile tile, IReadOnlyList<Tile> bands, IBandNetwork network)
    {
        var window = TakeWindow();
        window.Start(tile.Input.Width, network.OutputStride, network.TellsTypes);
        var found = new List<TileResult>(bands.Count);
        var corrupt = new List<PixelRect>();
        foreach (var band in bands)
        {
            var end = band.Input.Bottom - tile.Input.Y;
            var (made, needed) = network.Reach(end);
            window.MoveTo(band.Input.Y - tile.Input.Y);
            if (Add(window, tile, needed, corrupt) && found.Count == 0 && IsGlassFrom(needed, tile, corrupt))
            {
                break;
            }

            var start = ThreadTime.Now;
            network.Infer(window.Picture(window.PictureEnd), window.Maps(made), window.Top, made);
            clock.Add(Stage.Infer, start);
            found.Add(Find(found.Count, band, window.Maps(end), window.Picture(end)));
        }

        _windows.Add(window);
        return Joined(tile, bands, found, [.. corrupt.Distinct()]);
    }

    private BandWindow TakeWindow() => _windows.TryTake(out var free) ? free : new BandWindow();

    /// <summary>Adds the rows of the tile up to one; whether they are glass.</summary>
    private bool Add(BandWindow window, Tile tile, int end, List<PixelRect> corrupt)
    {
        window.Reserve(end);
        var isGlass = end > window.PictureEnd;
        while (window.PictureEnd < end)
        {
            var rows = ReadRows(tile, window.PictureEnd, Math.Min(window.PictureEnd + RowsAtOnce, end), corrupt);
            window.Add(rows);
            isGlass = isGlass && IsGlass(rows);
            _pictures.Return(rows);
        }

        return isGlass;
    }

    /// <summary>Whether there is nothing but glass from a row of the tile on.</summary>
    private bool IsGlassFrom(int row, Tile tile, List<PixelRect> corrupt)
    {
        for (int from = row, end; from < tile.Input.Height; from = end)
        {
            end = Math.Min(from + RowsAtOnce, tile.Input.Height);
            var rows = ReadRows(tile, from, end, corrupt);
            var isGlass = IsGlass(rows);
            _pictures.Return(rows);
            if (!isGlass)
            {
                return false;
            }
        }

        return true;
    }

    private RgbImage ReadRows(Tile tile, int from, int end, List<PixelRect> corrupt)
    {
        var rect = tile.Input with { Y = tile.Input.Y + from, Height = end - from };
        var picture = _pictures.Rent(rect.Width, rect.Height);
        corrupt.AddRange(Read(rect, picture));
        return picture;
    }

    private IReadOnlyList<PixelRect> Read(WorkingRect input, RgbImage picture)
    {
        var start = ThreadTime.Now;
        IReadOnlyList<PixelRect> corrupt = [];
        try
        {
            steps.Read(input, picture);
        }
        catch (SlideException e) when (skipCorrupt && e.Region is not null)
        {
            corrupt = DamagedRegions.ReadAround(picture, (x, y, part) => steps.Read(new WorkingRect(input.X + x, input.Y + y, part.Width, part.Height), part));
        }

        clock.Add(Stage.Read, start);
        return corrupt;
    }

    private static bool IsGlass(RgbImage picture)
    {
        const byte FaintestNucleus = 214;
        return picture.Span.IndexOfAnyInRange((byte)0, FaintestNucleus) < 0;
    }

    /// <summary>The nuclei that a tile, or a band of one, offers.</summary>
    private TileResult Find(int index, Tile tile, NucleusMaps maps, RgbImage picture)
    {
        var start = ThreadTime.Now;
        var input = tile.Input;
        var offered = tile.Ownership.Grown(SeamReconciler.Overlap);
        var (found, fields) = steps.Find(maps, picture, tile);
        clock.Add(Stage.Find, start);
        start = ThreadTime.Now;
        var nuclei = new List<Nucleus>();
        var measurements = new List<float[]>();
        foreach (var nucleus in found)
        {
            var x = (double)input.X + nucleus.Centroid.X;
            var y = (double)input.Y + nucleus.Centroid.Y;
            if (offered.Contains(x, y) && steps.IsInTissue(x, y))
            {
                nuclei.Add(steps.ToSlide(nucleus, input));
                measurements.Add(steps.Measure(picture, nucleus, input));
            }
        }

        clock.Add(Stage.Measure, start);
        return new TileResult(index, nuclei, measurements, [], fields);
    }

    /// <summary>What the bands of a tile come to together.</summary>
    private TileResult Joined(Tile tile, IReadOnlyList<Tile> bands, List<TileResult> found, IReadOnlyList<PixelRect> corrupt)
    {
        if (found.Count <= 1)
        {
            return found.Count == 0 ? new TileResult(tile.Index, [], [], corrupt, []) : found[0] with { TileIndex = tile.Index, Corrupt = corrupt };
        }

        var start = ThreadTime.Now;
        var seams = steps.Seams(bands);
        List<TileResult> parted = [.. found.Select(seams.Reconcile)];
        var fields = new FieldMap();
        foreach (var band in parted)
        {
            fields.Add(band.Fields);
        }

        var result = new TileResult(
            tile.Index,
            [.. parted.SelectMany(b => b.Nuclei)],
            [.. parted.SelectMany(b => b.Measurements)],
            corrupt,
            [.. fields.Fields]);
        clock.Add(Stage.Find, start);
        return result;
    }
}
