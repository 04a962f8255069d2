using System.Threading.Channels;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Tiles;

namespace HoverFast.Pipeline;

/// <summary>Steps of the main line for one slide, each thread safe. All coordinates are working pixels of the tile's input.</summary>
internal interface ITileSteps
{
    /// <summary>Reads a rectangle of the working grid into a picture of its size.</summary>
    void Read(WorkingRect rect, RgbImage destination);

    /// <summary>Runs the network on a tile that lies at a rectangle of the working grid.</summary>
    NucleusMaps Infer(RgbImage tile, WorkingRect rect);

    /// <summary>Finds the nuclei on the network's maps, judges them, and looks at the tile's quality.</summary>
    /// <param name="maps">The maps; nobody looks at them afterwards.</param>
    /// <param name="picture">The tile in its own colours.</param>
    /// <param name="tile">Where it lies.</param>
    FoundNuclei Find(NucleusMaps maps, RgbImage picture, Tile tile);

    /// <summary>Whether a nucleus whose centroid is at this point of the working grid (not of the tile) is wanted.</summary>
    bool IsInTissue(double workingX, double workingY);

    /// <summary>Measures a nucleus on the tile that it was found in.</summary>
    float[] Measure(RgbImage tile, Nucleus nucleus);

    /// <summary>Takes a nucleus from the tile's input to the pixels in which the slide's results are given.</summary>
    Nucleus ToSlide(Nucleus nucleus, WorkingRect input);
}

/// <summary>How the main line runs.</summary>
/// <param name="Threads">Threads that may be busy at once, over all stages; at least 1.</param>
/// <param name="SkipCorrupt">Take what can't be decoded as blank and list it, instead of giving the slide up.</param>
/// <param name="UnderWay">Tiles that may be under way at once; null for as many as keep all threads busy.</param>
internal sealed record TilePipelineSettings(int Threads, bool SkipCorrupt, int? UnderWay = null);

/// <summary>
/// The main line: read, infer, find, measure, write. The stages run at the same time and hand tiles on over bounded channels; as many
/// threads work as are allowed, over all stages together. Results come out in grid order whatever the number of threads, and only a
/// fixed number of tiles is under way, so memory does not depend on the slide.
/// </summary>
internal sealed class TilePipeline : IDisposable
{
    private readonly ITileSteps _steps;
    private readonly TilePipelineSettings _settings;
    private readonly StageClock _clock;
    private readonly SemaphoreSlim _cores;
    private readonly PicturePool _pictures = new();

    /// <summary>Prepares the main line.</summary>
    public TilePipeline(ITileSteps steps, TilePipelineSettings settings, StageClock clock)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Threads, 1);
        _steps = steps;
        _settings = settings;
        _clock = clock;
        _cores = new SemaphoreSlim(settings.Threads);
    }

    /// <summary>Runs the tiles through all stages. Neighbours may bring the same nucleus of their seam: see <see cref="SeamReconciler"/>.</summary>
    /// <param name="tiles">In grid order.</param>
    /// <param name="write">Takes each tile's result, in the same order, on one thread at a time; the main line waits for it.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="SlideException">A tile can't be read.</exception>
    public async Task RunAsync(IEnumerable<Tile> tiles, Func<TileResult, ValueTask> write, CancellationToken cancellation)
    {
        var threads = _settings.Threads;
        var underWay = _settings.UnderWay ?? ((2 * threads) + 2);
        using var window = new SemaphoreSlim(underWay);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ordered = Channel.CreateBounded<(int, Tile)>(1);
        var pictures = Channel.CreateBounded<TileInHand>(threads);
        var maps = Channel.CreateBounded<TileInHand>(threads);
        var results = Channel.CreateBounded<(int Order, TileResult Result)>(underWay);

        Task[] stages =
        [
            Guard(HandOut(tiles, window, ordered.Writer, stop.Token), stop),
            Workers(ordered.Reader, pictures.Writer, item => Read(item.Item1, item.Item2), stop),
            Workers(pictures.Reader, maps.Writer, Infer, stop),
            Workers(maps.Reader, results.Writer, Find, stop),
            Guard(Write(results.Reader, window, write, stop.Token), stop),
        ];
        try
        {
            await Task.WhenAll(stages);
        }
        catch
        {
            cancellation.ThrowIfCancellationRequested();

            // The stage that failed, not those that stopped because of it.
            var cause = stages.FirstOrDefault(s => s is { IsFaulted: true } && s.Exception!.InnerException is not OperationCanceledException);
            if (cause is not null)
            {
                await cause;
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cores.Dispose();

    private static async Task Guard(Task stage, CancellationTokenSource stop)
    {
        try
        {
            await stage;
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private static async Task HandOut(IEnumerable<Tile> tiles, SemaphoreSlim window, ChannelWriter<(int, Tile)> to, CancellationToken stop)
    {
        var order = 0;
        using var next = tiles.GetEnumerator();
        while (true)
        {
            await window.WaitAsync(stop);
            if (!next.MoveNext())
            {
                break;
            }

            await to.WriteAsync((order++, next.Current), stop);
        }

        to.Complete();
    }

    /// <summary>Runs one stage on as many workers as there are threads.</summary>
    private async Task Workers<TIn, TOut>(ChannelReader<TIn> from, ChannelWriter<TOut> to, Func<TIn, TOut> work, CancellationTokenSource stop)
    {
        // Each worker stops all others when it fails: they may be waiting for one another.
        await Task.WhenAll(Enumerable.Range(0, _settings.Threads).Select(_ => Guard(Task.Run(() => Worker(from, to, work, stop.Token), stop.Token), stop)));
        to.Complete();
    }

    /// <summary>Works off a stage's tiles, holding a core while it computes and none while it waits.</summary>
    private async Task Worker<TIn, TOut>(ChannelReader<TIn> from, ChannelWriter<TOut> to, Func<TIn, TOut> work, CancellationToken stop)
    {
        await foreach (var item in from.ReadAllAsync(stop))
        {
            TOut result;
            await _cores.WaitAsync(stop);
            try
            {
                result = work(item);
            }
            finally
            {
                _cores.Release();
            }

            await to.WriteAsync(result, stop);
        }
    }

    private TileInHand Read(int order, Tile tile)
    {
        var start = ThreadTime.Now;
        var picture = _pictures.Rent(tile.Input.Width, tile.Input.Height);
        IReadOnlyList<PixelRect> corrupt = [];
        var input = tile.Input;
        try
        {
            _steps.Read(input, picture);
        }
        catch (SlideException e) when (_settings.SkipCorrupt && e.Region is not null)
        {
            corrupt = DamagedRegions.ReadAround(picture, (x, y, part) => _steps.Read(new WorkingRect(input.X + x, input.Y + y, part.Width, part.Height), part));
        }

        _clock.Add(Stage.Read, start);
        return new TileInHand(order, tile, picture, corrupt);
    }

    private TileInHand Infer(TileInHand tile)
    {
        // A first look: nothing on glass is worth the network's time.
        if (IsGlass(tile.Picture))
        {
            return tile;
        }

        var start = ThreadTime.Now;
        var maps = _steps.Infer(tile.Picture, tile.Tile.Input);
        _clock.Add(Stage.Infer, start);
        return tile with { Maps = maps };
    }

    private static bool IsGlass(RgbImage picture)
    {
        const byte FaintestNucleus = 214;
        return picture.Span.IndexOfAnyInRange((byte)0, FaintestNucleus) < 0;
    }

    private (int, TileResult) Find(TileInHand tile)
    {
        var nuclei = new List<Nucleus>();
        IReadOnlyList<FieldSums> fields = [];
        var measurements = new List<float[]>();
        if (tile.Maps is not null)
        {
            var start = ThreadTime.Now;
            var input = tile.Tile.Input;
            var offered = tile.Tile.Ownership.Grown(SeamReconciler.Overlap);
            (var found, fields) = _steps.Find(tile.Maps, tile.Picture, tile.Tile);
            _clock.Add(Stage.Find, start);
            start = ThreadTime.Now;
            foreach (var nucleus in found)
            {
                var x = (double)input.X + nucleus.Centroid.X;
                var y = (double)input.Y + nucleus.Centroid.Y;
                if (offered.Contains(x, y) && _steps.IsInTissue(x, y))
                {
                    nuclei.Add(_steps.ToSlide(nucleus, input));
                    measurements.Add(_steps.Measure(tile.Picture, nucleus));
                }
            }

            _clock.Add(Stage.Measure, start);
        }

        _pictures.Return(tile.Picture);
        return (tile.Order, new TileResult(tile.Tile.Index, nuclei, measurements, tile.Corrupt, fields));
    }

    private async Task Write(
        ChannelReader<(int Order, TileResult Result)> from,
        SemaphoreSlim window,
        Func<TileResult, ValueTask> write,
        CancellationToken stop)
    {
        var early = new Dictionary<int, TileResult>();
        var next = 0;
        await foreach (var (order, result) in from.ReadAllAsync(stop))
        {
            early.Add(order, result);
            while (early.Remove(next, out var due))
            {
                stop.ThrowIfCancellationRequested();
                var start = ThreadTime.Now;
                var written = write(due);
                _clock.Add(Stage.Write, start);
                await written;
                next++;
                window.Release();
            }
        }
    }

    private sealed record TileInHand(int Order, Tile Tile, RgbImage Picture, IReadOnlyList<PixelRect> Corrupt, NucleusMaps? Maps = null);
}
