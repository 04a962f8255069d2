using System.Globalization;
using System.Text;
using System.Text.Json;
using HoverFast.Files;
using HoverFast.Quality;

namespace HoverFast.Jobs;

/// <summary>
/// Control charts over results in the order in which they were made: stain, focus, size and number of nuclei, confidence, domain shift, expected accuracy.
/// </summary>
public sealed record DriftReport
{
    /// <summary>Results that a baseline needs at least.</summary>
    public const int LeastBaseline = 20;

    private const long MostBytes = 1 << 20;

    /// <summary>The results, the oldest first: name and time.</summary>
    public required IReadOnlyList<(string Name, DateTimeOffset Finished)> Results { get; init; }

    /// <summary>Results without figures (of earlier versions), which are left out.</summary>
    public required int LeftOut { get; init; }

    /// <summary>The alarms in words, the oldest first.</summary>
    public required IReadOnlyList<string> Alarms { get; init; }

    /// <summary>The charts by figure.</summary>
    internal IReadOnlyList<(string Figure, ControlBaseline Baseline, IReadOnlyList<ControlPoint> Points)> Charts { get; private init; } = [];

    /// <summary>Reads folders of results.</summary>
    /// <param name="folders">The folders; folders in them are looked into.</param>
    /// <param name="baseline">A saved baseline; null takes the first results for it.</param>
    /// <param name="count">How many first results make the baseline where none is given.</param>
    /// <exception cref="IOException">A folder is missing, the baseline can't be read, or there are too few results.</exception>
    public static DriftReport Of(IEnumerable<string> folders, string? baseline = null, int count = 30)
    {
        ArgumentNullException.ThrowIfNull(folders);
        var all = folders.SelectMany(ManifestsIn).Distinct(StringComparer.Ordinal).Select(path => (Path: path, Manifest: Manifest.TryRead(path))).ToList();
        var known = all.Where(r => r.Manifest?.Quality is { Figures.Count: > 0 })
            .Select(r => (Name: NameOf(r.Path), Manifest: r.Manifest!))
            .OrderBy(r => r.Manifest.Finished).ThenBy(r => r.Name, StringComparer.Ordinal).ToList();
        if (known.Count == 0 || (baseline is null && known.Count < LeastBaseline))
        {
            throw new IOException(
                $"{known.Count} results with figures of quality were found; a baseline needs {LeastBaseline}. Give a saved one with --baseline, or more folders of results.");
        }

        var figures = known.ConvertAll(r => FiguresOf(r.Manifest.Quality!));
        var baselines = baseline is null ? Baselines(figures.Take(Math.Max(LeastBaseline, count))) : Read(baseline);
        List<(string, ControlBaseline, IReadOnlyList<ControlPoint>)> charts =
        [
            .. baselines
                .OrderBy(b => b.Key, StringComparer.Ordinal)
                .Select(b => (b.Key, b.Value, ControlChart.Chart(figures.ConvertAll(f => f.GetValueOrDefault(b.Key, double.NaN)), b.Value))),
        ];
        return new DriftReport
        {
            Results = known.ConvertAll(r => (r.Name, r.Manifest.Finished)),
            LeftOut = all.Count - known.Count,
            Charts = charts,
            Alarms =
            [
                .. Enumerable
                    .Range(0, known.Count)
                    .SelectMany(i =>
                        charts
                            .Where(c => c.Item3[i].IsAlarm)
                            .Select(c =>
                                string.Create(
                                    CultureInfo.InvariantCulture,
                                    $"{known[i].Name} ({known[i].Manifest.Finished:yyyy-MM-dd HH:mm}): {c.Item1} drifts {(c.Item3[i].Average > c.Item2.Mean ? "up" : "down")}, average {c.Item3[i].Average:0.###} where {c.Item2.Mean:0.###} +- {c.Item3[i].Limit:0.###} is usual"))),
            ],
        };
    }

    /// <summary>Saves the baseline of this report, for the reports to come.</summary>
    public void SaveBaseline(string path) =>
        PartialFile.WriteText(
            path,
            JsonSerializer.Serialize(
                Charts.ToDictionary(c => c.Figure, c => c.Baseline, StringComparer.Ordinal),
                QualityJson.Relaxed.DictionaryStringControlBaseline
            ) + "\n");

    /// <summary>Writes a table for programs: a row a result, value, average, limit and alarm of each figure (CSV).</summary>
    public void WriteTable(string path)
    {
        var text = new StringBuilder("result,finished");
        foreach (var (figure, _, _) in Charts)
        {
            text.Append(CultureInfo.InvariantCulture, $",{figure},{figure}_average,{figure}_limit,{figure}_alarm");
        }

        text.Append('\n');
        for (var i = 0; i < Results.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"\"{Results[i].Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{Results[i].Finished:O}");
            foreach (var (_, _, points) in Charts)
            {
                var value = double.IsFinite(points[i].Value) ? points[i].Value.ToString("0.####", CultureInfo.InvariantCulture) : "";
                text.Append(CultureInfo.InvariantCulture, $",{value},{points[i].Average:0.####},{points[i].Limit:0.####},{(points[i].IsAlarm ? 1 : 0)}");
            }

            text.Append('\n');
        }

        PartialFile.WriteText(path, text.ToString());
    }

    /// <summary>Writes a page with the charts, whole in one file.</summary>
    public void WritePage(string path) => PartialFile.WriteText(path, DriftPage.Of(this));

    private static IEnumerable<string> ManifestsIn(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*.manifest.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        : throw new IOException($"{folder}: there is no such folder.");

    private static string NameOf(string path) => Path.GetFileName(path)[..^".manifest.json".Length];

    private static Dictionary<string, double> FiguresOf(ManifestQuality quality)
    {
        var figures = new Dictionary<string, double>(quality.Figures, StringComparer.Ordinal);
        figures["shift"] = quality.Shift ?? double.NaN;
        figures["expectedPq"] = quality.ExpectedPq ?? double.NaN;
        return figures;
    }

    private static Dictionary<string, ControlBaseline> Baselines(IEnumerable<Dictionary<string, double>> first)
    {
        var rows = first.ToList();
        return rows[0].Keys.Where(k => rows.Count(r => double.IsFinite(r.GetValueOrDefault(k, double.NaN))) >= LeastBaseline / 2)
            .ToDictionary(k => k, k => ControlBaseline.Of([.. rows.Select(r => r.GetValueOrDefault(k, double.NaN))]), StringComparer.Ordinal);
    }

    private static Dictionary<string, ControlBaseline> Read(string path)
    {
        try
        {
            return
                JsonSerializer.Deserialize(RegularFile.ReadAllText(path, MostBytes), QualityJson.Relaxed.DictionaryStringControlBaseline) is { Count: > 0 } read
                && read.Values.All(b => double.IsFinite(b.Mean) && b.Deviation > 0 && b.Slides > 0)
                ? read
                : throw new IOException($"{path}: holds no baseline.");
        }
        catch (JsonException e)
        {
            throw new IOException($"{path}: is no baseline of hoverfast drift ({e.Message})", e);
        }
    }
}
