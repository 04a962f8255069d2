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
/// <param name="Threads">Tiles that are computed at once, each on one thread; at least 1.</param>
/// <param name="SkipCorrupt">Take what can't be decoded as blank and list it, instead of giving the slide up.</param>
internal sealed record TilePipelineSettings(int Threads, bool SkipCorrupt)
{
    /// <summary>As a slide is segmented: on as many threads as memory has room for tiles.</summary>
    /// <param name="session">The slide.</param>
    /// <param name="second">A second model that looks at each tile too, or null.</param>
    public static TilePipelineSettings For(SlideSession session, NucleusModel? second = null)
    {
        var plan = MemoryPlan.For(session.Model, session.Settings);
        return new(
            second is null ? plan.Tiles : MemoryPlan.TilesOfBoth(session.Model, second, session.Settings, plan.Available),
            session.Settings.SkipCorrupt);
    }
}

/// <summary>
/// The main line: read, infer, find, measure, write. Each thread takes a tile through all steps to its nuclei, so that pictures and maps are in memory for as
/// many tiles as there are threads. Results come out in grid order whatever the number of threads. Nuclei of tiles that overtook a slower one wait for it, and
/// only a fixed number of tiles may, so memory does not depend on the slide.
/// </summary>
internal sealed class TilePipeline
{
    private readonly ITileSteps _steps;
    private readonly TilePipelineSettings _settings;
    private readonly StageClock _clock;
    private readonly PicturePool _pictures = new();

    /// <summary>Prepares the main line.</summary>
    public TilePipeline(ITileSteps steps, TilePipelineSettings settings, StageClock clock)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Threads, 1);
        _steps = steps;
        _settings = settings;
        _clock = clock;
    }

    /// <summary>Runs the tiles through all steps. Neighbours may bring the same nucleus of their seam: see <see cref="SeamReconciler"/>.</summary>
    /// <param name="tiles">In grid order.</param>
    /// <param name="write">Takes each tile's result, in the same order, on one thread at a time; the main line waits for it.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="SlideException">A tile can't be read.</exception>
    public async Task RunAsync(IEnumerable<Tile> tiles, Func<TileResult, ValueTask> write, CancellationToken cancellation)
    {
        var unwritten = (2 * _settings.Threads) + 2;
        using var window = new SemaphoreSlim(unwritten);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var queue = new TileQueue(tiles);
        var results = Channel.CreateBounded<(int Order, TileResult Result)>(unwritten);
        Task[] parts =
        [
            Guard(ComputeAll(queue, window, results.Writer, stop), stop),
            Guard(Write(results.Reader, window, write, stop.Token), stop),
        ];
        try
        {
            await Task.WhenAll(parts);
        }
        catch
        {
            cancellation.ThrowIfCancellationRequested();

            // The part that failed, not the one that stopped because of it.
            var cause = parts.FirstOrDefault(s => s is { IsFaulted: true } && s.Exception!.InnerException is not OperationCanceledException);
            if (cause is not null)
            {
                await cause;
            }

            throw;
        }
    }

    private static async Task Guard(Task part, CancellationTokenSource stop)
    {
        try
        {
            await part;
        }
        catch
        {
            await stop.CancelAsync();
            throw;
        }
    }

    private async Task ComputeAll(TileQueue queue, SemaphoreSlim window, ChannelWriter<(int, TileResult)> to, CancellationTokenSource stop)
    {
        // Each thread stops all others when it fails: they may be waiting for one another.
        await Task.WhenAll(Enumerable.Range(0, _settings.Threads).Select(_ => Guard(Task.Run(Worker, stop.Token), stop)));
        to.Complete();

        async Task Worker()
        {
            while (true)
            {
                // The place first, then the tile: so the tile that all others wait for always has one.
                await window.WaitAsync(stop.Token);
                if (queue.Next() is not { } next)
                {
                    break;
                }

                await to.WriteAsync((next.Order, Compute(next.Tile)), stop.Token);
            }
        }
    }

    private TileResult Compute(Tile tile)
    {
        var picture = _pictures.Rent(tile.Input.Width, tile.Input.Height);
        var corrupt = Read(tile.Input, picture);

        // A first look: nothing on glass is worth the network's time.
        var result = IsGlass(picture) ? new TileResult(tile.Index, [], [], corrupt, []) : Find(tile, picture, Infer(tile, picture), corrupt);
        _pictures.Return(picture);
        return result;
    }

    private IReadOnlyList<PixelRect> Read(WorkingRect input, RgbImage picture)
    {
        var start = ThreadTime.Now;
        IReadOnlyList<PixelRect> corrupt = [];
        try
        {
            _steps.Read(input, picture);
        }
        catch (SlideException e) when (_settings.SkipCorrupt && e.Region is not null)
        {
            corrupt = DamagedRegions.ReadAround(picture, (x, y, part) => _steps.Read(new WorkingRect(input.X + x, input.Y + y, part.Width, part.Height), part));
        }

        _clock.Add(Stage.Read, start);
        return corrupt;
    }

    private static bool IsGlass(RgbImage picture)
    {
        const byte FaintestNucleus = 214;
        return picture.Span.IndexOfAnyInRange((byte)0, FaintestNucleus) < 0;
    }

    private NucleusMaps Infer(Tile tile, RgbImage picture)
    {
        var start = ThreadTime.Now;
        var maps = _steps.Infer(picture, tile.Input);
        _clock.Add(Stage.Infer, start);
        return maps;
    }

    private TileResult Find(Tile tile, RgbImage picture, NucleusMaps maps, IReadOnlyList<PixelRect> corrupt)
    {
        var start = ThreadTime.Now;
        var input = tile.Input;
        var offered = tile.Ownership.Grown(SeamReconciler.Overlap);
        var (found, fields, kept) = _steps.Find(maps, picture, tile);
        _clock.Add(Stage.Find, start);
        start = ThreadTime.Now;
        var nuclei = new List<Nucleus>();
        var measurements = new List<float[]>();
        foreach (var nucleus in found)
        {
            var x = (double)input.X + nucleus.Centroid.X;
            var y = (double)input.Y + nucleus.Centroid.Y;
            if (offered.Contains(x, y) && _steps.IsInTissue(x, y))
            {
                nuclei.Add(_steps.ToSlide(nucleus, input));
                measurements.Add(_steps.Measure(picture, nucleus));
            }
        }

        _clock.Add(Stage.Measure, start);
        return new TileResult(tile.Index, nuclei, measurements, corrupt, fields, kept);
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

    /// <summary>Hands tiles out one by one, numbered, to whichever thread asks.</summary>
    private sealed class TileQueue(IEnumerable<Tile> tiles) : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly IEnumerator<Tile> _tiles = tiles.GetEnumerator();
        private int _handedOut;

        public (int Order, Tile Tile)? Next()
        {
            lock (_lock)
            {
                return _tiles.MoveNext() ? (_handedOut++, _tiles.Current) : null;
            }
        }

        public void Dispose() => _tiles.Dispose();
    }
}
