using System.Diagnostics;
using HoverFast.Files;
using HoverFast.Output;
using HoverFast.Pipeline;
using HoverFast.Tiles;

namespace HoverFast.Jobs;

/// <summary>
/// Estimates what segmenting a slide will take, from its tissue and from a sample of its tiles that are segmented for the purpose, written and all.
/// </summary>
internal static class SlideEstimator
{
    /// <summary>Tiles that an estimate is drawn from, in rows of neighbours.</summary>
    private const int SampleTiles = 16;
    private const int SampleNeighbours = 2;

    /// <summary>Estimates an open slide.</summary>
    /// <param name="open">Opens the slide; its time counts.</param>
    /// <param name="cancellation">Stops it.</param>
    public static async Task<SlideEstimate> EstimateAsync(Func<SlideSession> open, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        using var session = open();
        var settings = session.Settings;
        var tissue = session.Tissue(cancellation);
        var tiles = session.Tiles(cancellation);
        var overhead = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var sample = Sample(tiles, settings.Threads);
        using var folder = new ScratchFolder("estimate");
        var file = new ResultFile(ResultKind.GeoJson, folder.File("sample.geojson.gz"));
        using var journal = Journal.Open(folder.File("sample.journal"), session.Key);
        using var writer = new NucleusWriter(ResultOutputs.Open([file], session, new ResultOptions(), run: null), session.Key);
        var pipeline = new TilePipeline(session.Steps(cancellation), TilePipelineSettings.For(session), new StageClock());

        // The first tiles of a run cost more, since the runtime compiles and the engine allocates: they are told apart and counted once.
        var some = sample.Take(settings.Threads).ToList();
        var (first, _) = await RunAsync(some);
        var (steady, nuclei) = await RunAsync(sample);
        writer.Complete();

        var each = steady / Math.Max(1, Seen(sample));
        var area = sample.Sum(t => tissue.AreaIn(t.Core, session.Grid.Mpp));
        var expected = area > 0 ? (long)(nuclei * tissue.AreaInSquareMillimetres / area) : 0;
        return new SlideEstimate(
            tissue.AreaInSquareMillimetres,
            tiles.Count,
            overhead + Math.Max(0, first - (each * Seen(some))) + (each * Seen(tiles)),
            expected,
            PeakMemory.Bytes)
        {
            OutputBytes = writer.Counts.Written == 0 ? 0 : (long)(new FileInfo(file.Path).Length / (double)writer.Counts.Written * expected),
        };

        async Task<(double Seconds, long Nuclei)> RunAsync(IEnumerable<Tile> part)
        {
            var begin = Stopwatch.GetTimestamp();
            var found = 0L;
            await pipeline.RunAsync(
                part,
                tile =>
                {
                    journal.Append(tile);
                    writer.Add(tile.Nuclei, tile.Measurements);
                    found += tile.Nuclei.Count;
                    return ValueTask.CompletedTask;
                },
                cancellation);
            return (Stopwatch.GetElapsedTime(begin).TotalSeconds, found);
        }
    }

    /// <summary>Tiles differ in size; their time goes with the pixels that the network sees.</summary>
    private static double Seen(IEnumerable<Tile> tiles) => tiles.Sum(t => (double)t.Input.Width * t.Input.Height);

    /// <summary>Short rows of neighbours from all over the slide: neighbours share what was read, as they do in a whole run.</summary>
    private static IReadOnlyList<Tile> Sample(IReadOnlyList<Tile> tiles, int threads)
    {
        var rows = Math.Max((threads + 1) / 2, Math.Min(SampleTiles, tiles.Count / 4) / SampleNeighbours) + 1;
        if (tiles.Count <= rows * SampleNeighbours)
        {
            return tiles;
        }

        return
        [
            .. Enumerable.Range(0, rows)
                .SelectMany(r => Enumerable.Range((int)((r + 0.5) * (tiles.Count - SampleNeighbours) / rows), SampleNeighbours))
                .Distinct()
                .Select(i => tiles[i]),
        ];
    }
}
