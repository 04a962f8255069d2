using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HoverFast.Model;
using HoverFast.Output;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tiles;

namespace HoverFast.Jobs.Finished;

/// <summary>
/// Segments some tiles of finished results again and holds what the results' files say of them against what comes out, nucleus by nucleus. What a result
/// depends on (slide, program, model, settings) must be as it was then, and so the files must hold the very same.
/// </summary>
public sealed record ResultRerun
{
    /// <summary>Lines about one result before the rest is counted only.</summary>
    private const int MostLines = 20;

    /// <summary>Results of the folder.</summary>
    public required int Results { get; init; }

    /// <summary>Tiles that were segmented again.</summary>
    public required int Tiles { get; init; }

    /// <summary>Nuclei that these tiles gave, each in the tile that holds its centroid.</summary>
    public required long Nuclei { get; init; }

    /// <summary>What does not hold, a sentence each, with the file's name first.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>Whether all holds.</summary>
    public bool Holds => Problems.Count == 0;

    /// <summary>Segments tiles of each result of a folder again. A result that can't be is a problem, and the others are done.</summary>
    /// <param name="folder">The folder of results.</param>
    /// <param name="options">How much, and where the slides are.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="IOException">There is no such folder, or no such place of slides.</exception>
    public static async Task<ResultRerun> RunAsync(string folder, RerunOptions options, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Tiles, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        if (!Directory.Exists(folder))
        {
            throw new IOException($"{folder}: there is no such folder.");
        }

        var slides = new SlideSearch(options.Slides, folder);
        using var models = new FinishedModels(options.Model);
        var (results, tiles, nuclei, problems) = (0, 0, 0L, new List<string>());
        foreach (var result in FinishedResult.In(folder))
        {
            results++;
            var found = new List<string>();
            try
            {
                var (someTiles, someNuclei) = await RunAsync(result, slides, models, options, found, cancellation);
                tiles += someTiles;
                nuclei += someNuclei;
            }
            catch (Exception e) when (e is SlideException or ModelException or IOException or UnauthorizedAccessException)
            {
                found.Add($"{result.Name}: could not be segmented again. {e.Message}");
            }

            problems.AddRange(found.Take(MostLines));
            if (found.Count > MostLines)
            {
                problems.Add($"{result.Name}: and {found.Count - MostLines} more.");
            }
        }

        return new ResultRerun { Results = results, Tiles = tiles, Nuclei = nuclei, Problems = problems };
    }

    private static async Task<(int Tiles, long Nuclei)> RunAsync(
        FinishedResult result,
        SlideSearch slides,
        FinishedModels models,
        RerunOptions options,
        List<string> problems,
        CancellationToken cancellation)
    {
        var files = result.Manifest.Outputs.Where(WrittenNuclei.AreIn).ToList();
        if (files.Count == 0)
        {
            problems.Add($"{result.Name}: has no file of nuclei that can be compared: write GeoJSON or Parquet.");
            return (0, 0);
        }

        using var session = result.Open(slides.Find(result.Manifest.Slide), models, options.Threads);
        var tiles = session.Tiles(cancellation);
        var chosen = Choose(tiles, options, result.Manifest.Key);
        var (found, nuclei) = await SegmentAsync(session, chosen, result, cancellation);
        foreach (var file in files)
        {
            try
            {
                problems.AddRange(Compare(result, file, session, found).Distinct().Select(p => $"{file.File}: {p}."));
            }
            catch (SlideException e)
            {
                problems.Add($"{file.File}: {e.Problem}");
            }
        }

        return (chosen.Count, nuclei);
    }

    /// <summary>Some tiles in the grid's order. Each slide has its own, so that of many slides of one size not all show the same corner.</summary>
    private static IReadOnlyList<Tile> Choose(IReadOnlyList<Tile> tiles, RerunOptions options, string key)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{options.Seed}; {key}")));
        var random = new Random(BinaryPrimitives.ReadInt32LittleEndian(hash));
        var order = Enumerable.Range(0, tiles.Count).ToArray();
        random.Shuffle(order);
        return [.. order.Take(options.Tiles).Order().Select(i => tiles[i])];
    }

    /// <summary>The nuclei of each area, as files have them, and how many there are; of all tiles together, parted at their seams as in the result.</summary>
    private static async Task<(IReadOnlyList<(OwnedArea Area, IReadOnlyList<WrittenNucleus> Nuclei)> Areas, long Own)> SegmentAsync(
        SlideSession session,
        IReadOnlyList<Tile> tiles,
        FinishedResult result,
        CancellationToken cancellation)
    {
        var (bounds, scale) = (session.Slide.Bounds, session.Grid.Scale);
        var all = session.Tiles(cancellation);
        var steps = session.Steps(cancellation);
        var seams = tiles.Count == all.Count ? steps.Seams(all) : null;
        var areas = new List<(OwnedArea, IReadOnlyList<WrittenNucleus>)>();
        var whole = new List<WrittenNucleus>();
        var own = 0L;
        var left = result.LeftOut(session);
        var pipeline = new TilePipeline(steps, TilePipelineSettings.For(session), new StageClock());
        await pipeline.RunAsync(
            tiles,
            found =>
            {
                var output = new RerunOutput(session.MeasurementNames, ResultOutputs.ClassesOf(session));
                using var writer = new NucleusWriter([output], session.Key, result.Simplify);
                var tile = (seams?.Reconcile(found) ?? found).Without(left);
                writer.Add(tile.Nuclei, tile.Measurements);
                if (seams is not null)
                {
                    whole.AddRange(output.Nuclei);
                    own += output.Nuclei.Count;
                }
                else
                {
                    var area = tiles[areas.Count].Ownership;
                    own += tile.Nuclei.Count(n => area.Contains((n.Centroid.X + bounds.X) / scale, (n.Centroid.Y + bounds.Y) / scale));
                    areas.Add((area, output.Nuclei));
                }

                return ValueTask.CompletedTask;
            },
            cancellation);
        const double Everywhere = double.PositiveInfinity;
        return (seams is null ? areas : [(new OwnedArea(-Everywhere, -Everywhere, Everywhere, Everywhere), whole)], own);
    }

    private static IEnumerable<string> Compare(
        FinishedResult result,
        ManifestFile file,
        SlideSession session,
        IReadOnlyList<(OwnedArea Area, IReadOnlyList<WrittenNucleus> Nuclei)> found)
    {
        var bounds = session.Slide.Bounds;
        var comparisons = found
            .Select(f => (Comparison: new TileComparison(f.Area, session.Grid.Scale, -bounds.X, -bounds.Y, session.MeasurementNames), f.Nuclei))
            .ToList();
        var columns = new HashSet<string>(StringComparer.Ordinal);
        var count = 0L;
        foreach (var nucleus in WrittenNuclei.Read(result, file))
        {
            count++;
            columns.UnionWith(nucleus.Values.Keys);
            comparisons.ForEach(c => c.Comparison.Add(nucleus));
        }

        if (count != result.Manifest.Counts.Nuclei)
        {
            yield return $"holds {count} nuclei, and {result.Manifest.Counts.Nuclei} were written";
        }

        foreach (var (comparison, nuclei) in comparisons)
        {
            foreach (var difference in comparison.Differences(nuclei, columns))
            {
                yield return difference;
            }
        }
    }
}
