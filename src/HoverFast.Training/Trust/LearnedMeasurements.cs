using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Stains;
using HoverFast.Training.Data;

namespace HoverFast.Training.Trust;

/// <summary>Measures what students find in the pictures that they learned from, and keeps how each measurement is spread.</summary>
internal static class LearnedMeasurements
{
    /// <summary>Measures with each model.</summary>
    /// <param name="data">The folder that holds the sets (<see cref="TrustSet.IsTrainedOn"/>).</param>
    /// <param name="models">Names of built-in models.</param>
    /// <param name="done">Is told of each model and its nuclei.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="TrainingException">A set is missing.</exception>
    public static MeasurementCard Of(string data, IReadOnlyList<string> models, Action<string, MeasurementQuantiles> done, CancellationToken cancellation)
    {
        List<TrustSet> sets = [.. TrustSet.All.Where(s => s.IsTrainedOn)];
        List<(TileFile Tile, double Mpp)> pictures = [.. sets.SelectMany(s => TileFile.In(Path.Combine(data, s.Name)).Select(t => (t, s.Mpp)))];
        var spread = new SortedDictionary<string, MeasurementQuantiles>(StringComparer.Ordinal);
        foreach (var name in models)
        {
            using var model = NucleusModel.LoadBuiltIn(name);
            spread[name] = Of(model, pictures, cancellation);
            done(name, spread[name]);
        }

        return new MeasurementCard
        {
            Description =
                "Quantiles of what is measured of nuclei that each student finds in the pictures that it learned from: the least, 99 between, the largest. Made by 'hoverfast-train measurements'.",
            Stain = nameof(Stain.HaematoxylinEosin),
            Data = [.. sets.Select(s => $"{s.Name}: {s.Source.Split(';')[0]}")],
            Models = spread,
        };
    }

    private static MeasurementQuantiles Of(NucleusModel model, List<(TileFile Tile, double Mpp)> pictures, CancellationToken cancellation)
    {
        var found = new List<IReadOnlyDictionary<string, double>>[pictures.Count];
        var options = new ParallelOptions { MaxDegreeOfParallelism = ThreadCount.Available, CancellationToken = cancellation };
        Parallel.For(0, found.Length, options, i =>
        {
            var (tile, mpp) = pictures[i];
            using var segmenter = new SlideSegmenter(
                model,
                new SegmentSettings { Threads = 1, Measurements = MeasurementChoice.All },
                new SlideCalibrator { Stated = new Mpp(mpp) });
            found[i] = [.. segmenter.FindNucleiAsync(tile.Picture, cancellation).ToBlockingEnumerable(cancellation).Select(n => n.Measurements)];
        });
        var nuclei = found.SelectMany(f => f).ToList();
        return new MeasurementQuantiles(
            model.Card.Sha256,
            found.Length,
            nuclei.Count,
            nuclei
                .SelectMany(n => n)
                .GroupBy(m => m.Key, m => m.Value, StringComparer.Ordinal)
                .OrderBy(g => g.Key, StringComparer.Ordinal)
                .ToDictionary(g => g.Key, g => MeasurementQuantiles.Of([.. g.Select(v => Math.Round(v, 4))]), StringComparer.Ordinal));
    }
}
