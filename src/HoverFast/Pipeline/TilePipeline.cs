using System.Threading.Channels;
using HoverFast.Slides;
using HoverFast.Tiles;

namespace HoverFast.Pipeline;

/// <summary>
/// The main line: read, infer, find, measure, write. Each thread takes a tile through all steps to its nuclei (<see cref="TileSegmenter"/>), so that
/// pictures and maps are in memory for as many tiles as there are threads. Results come out in grid order whatever the number of threads. Nuclei of tiles
/// that overtook a slower one wait for it, and only a fixed number of tiles may, so memory does not depend on the slide.
/// </summary>
internal sealed class TilePipeline
{
    private readonly TileSegmenter _segmenter;
    private readonly TilePipelineSettings _settings;
    private readonly StageClock _clock;

    /// <summary>Prepares the main line.</summary>
    public TilePipeline(ITileSteps steps, TilePipelineSettings settings, StageClock clock)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Threads, 1);
        _segmenter = new TileSegmenter(steps, settings.SkipCorrupt, clock);
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

                await to.WriteAsync((next.Order, _segmenter.Segment(next.Tile)), stop.Token);
            }
        }
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
