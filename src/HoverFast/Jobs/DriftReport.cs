using System.Globalization;
using System.Text;
using HoverFast.Files;
using HoverFast.Quality;

namespace HoverFast.Jobs;

/// <summary>
/// Control charts over results in the order in which they were made: stain, focus, size and number of nuclei, confidence, domain shift, expected accuracy. Each
/// scanner is held against its own baseline, and a scanner that was not there before is an alarm by itself.
/// </summary>
public sealed record DriftReport
{
    /// <summary>Results of a scanner that its baseline needs at least.</summary>
    public const int LeastBaseline = 20;

    /// <summary>Standard deviations between the baselines of two scanners from which on a note tells the difference.</summary>
    private const double Notable = 2;

    /// <summary>Figures that are means over nuclei.</summary>
    private static readonly string[] _ofNuclei = ["area", "boundary", "match"];

    private DriftBaseline? _toSave;

    /// <summary>The results, the oldest first: name, time, and the scanner that the slide names (empty where it names none).</summary>
    public required IReadOnlyList<(string Name, DateTimeOffset Finished, string Scanner)> Results { get; init; }

    /// <summary>Results without figures (of earlier versions, or whose manifest can't be read), which are left out.</summary>
    public required int LeftOut { get; init; }

    /// <summary>Results without tissue, which have nothing to measure and are left out too.</summary>
    public int WithoutTissue { get; init; }

    /// <summary>The alarms in words, the oldest first.</summary>
    public required IReadOnlyList<string> Alarms { get; init; }

    /// <summary>What else is to be known, in sentences: scanners, their baselines, and how they differ.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>The charts by scanner, the one that was first in use first.</summary>
    internal IReadOnlyList<ScannerDrift> Scanners { get; private init; } = [];

    /// <summary>Reads folders of results.</summary>
    /// <param name="folders">The folders; folders in them are looked into.</param>
    /// <param name="baseline">A saved baseline; null takes the first results of each scanner for it.</param>
    /// <param name="count">How many first results make the baseline of a scanner where none is given.</param>
    /// <exception cref="IOException">A folder is missing, the baseline can't be read, or there are too few results.</exception>
    public static DriftReport Of(IEnumerable<string> folders, string? baseline = null, int count = 30)
    {
        ArgumentNullException.ThrowIfNull(folders);
        var all = folders.SelectMany(ManifestsIn).Distinct(StringComparer.Ordinal).Select(path => (Path: path, Manifest: Manifest.TryRead(path))).ToList();
        var known = all.Where(r => r.Manifest?.Quality is { Figures.Count: > 0 })
            .Select(r => (
                Name: Manifest.NameOf(r.Path),
                r.Manifest!.Finished,
                Scanner: r.Manifest.Slide.Scanner ?? "",
                Figures: FiguresOf(r.Manifest.Quality!, r.Manifest.Counts.Nuclei)))
            .OrderBy(r => r.Finished).ThenBy(r => r.Name, StringComparer.Ordinal).ToList();
        var bare = all.Count(r => r.Manifest?.Quality is { Figures.Count: 0 });
        var own = DriftBaseline.Of(known.GroupBy(r => r.Scanner, r => r.Figures, StringComparer.Ordinal), count);
        var given = baseline is null ? null : DriftBaseline.Read(baseline);
        if (known.Count == 0 || (given ?? own).Scanners.Count == 0)
        {
            throw new IOException(
                $"{known.Count} results with figures of quality were found; a baseline needs {LeastBaseline} of one scanner. Give a saved one with --baseline, or more folders of results.");
        }

        var used = given ?? own;
        List<ScannerDrift> scanners =
        [
            .. known.Index().GroupBy(r => r.Item.Scanner, StringComparer.Ordinal).Select(group =>
            {
                var usual = used.For(group.Key);
                var figures = group.Select(r => r.Item.Figures).ToList();
                return new ScannerDrift(group.Key, [.. group.Select(r => r.Index)],
                [
                    .. (usual?.Keys ?? figures[0].Keys)
                        .Order(StringComparer.Ordinal)
                        .Select(name => DriftChart.Of(
                            name,
                            figures.ConvertAll(f => f.GetValueOrDefault(name, double.NaN)),
                            usual?.GetValueOrDefault(name))),
                ]);
            }),
        ];
        var report = new DriftReport
        {
            Results = known.ConvertAll(r => (r.Name, r.Finished, r.Scanner)),
            LeftOut = all.Count - known.Count - bare,
            WithoutTissue = bare,
            Scanners = scanners,
            Notes = [],
            Alarms = [],
            _toSave = given?.With(own) ?? own,
        };
        return report with
        {
            Notes = [.. report.NotesOn(used)],
            Alarms = [.. report.NewScanners(given, Math.Max(LeastBaseline, count)).Concat(report.Drifts()).OrderBy(a => a.Result).Select(a => a.Words)],
        };
    }

    /// <summary>
    /// Saves the baselines of this report, for the reports to come: those that were given, and for scanners without one that of their first results.
    /// </summary>
    public void SaveBaseline(string path) => _toSave!.Write(path);

    /// <summary>
    /// Writes a table for programs: a row a result, value, average, limit and alarm of each figure (CSV). Average, limit and alarm are empty where the scanner
    /// has no baseline.
    /// </summary>
    public void WriteTable(string path)
    {
        List<string> figures = [.. Scanners.SelectMany(s => s.Charts).Select(c => c.Figure).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        var text = new StringBuilder("result,finished,scanner");
        foreach (var figure in figures)
        {
            text.Append(CultureInfo.InvariantCulture, $",{figure},{figure}_average,{figure}_limit,{figure}_alarm");
        }

        text.Append('\n');
        foreach (var (place, scanner, within) in Scanners.SelectMany(s => s.Results.Select((place, i) => (place, s, i))).OrderBy(r => r.place))
        {
            text.Append(CultureInfo.InvariantCulture, $"{Quoted(Results[place].Name)},{Results[place].Finished:O},{Quoted(scanner.Scanner)}");
            foreach (var figure in figures)
            {
                var chart = scanner.Charts.FirstOrDefault(c => c.Figure == figure);
                var point = chart?.Points[within] ?? new ControlPoint(double.NaN, double.NaN, double.NaN, false);
                text.Append(
                    CultureInfo.InvariantCulture,
                    $",{Cell(point.Value)},{Cell(point.Average)},{Cell(point.Limit)},{(chart?.Baseline is null ? "" : point.IsAlarm ? "1" : "0")}");
            }

            text.Append('\n');
        }

        PartialFile.WriteText(path, text.ToString());

        static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
        static string Cell(double value) => double.IsFinite(value) ? value.ToString("0.####", CultureInfo.InvariantCulture) : "";
    }

    /// <summary>Writes a page with the charts, whole in one file.</summary>
    public void WritePage(string path) => PartialFile.WriteText(path, DriftPage.Of(this));

    private IEnumerable<(int Result, string Words)> Drifts() =>
        from scanner in Scanners
        from chart in scanner.Charts
        from point in chart.Points.Index()
        where point.Item.IsAlarm
        let place = scanner.Results[point.Index]
        let of = scanner.Scanner.Length == 0 ? "" : $" ({scanner.Told})"
        select (
            place,
            string.Create(
                CultureInfo.InvariantCulture,
                $"{At(place)}: {chart.Figure} drifts {(point.Item.Average > chart.Baseline!.Mean ? "up" : "down")}, average {point.Item.Average:0.###} where {chart.Baseline!.Mean:0.###} +- {point.Item.Limit:0.###} is usual{of}"));

    private IEnumerable<(int Result, string Words)> NewScanners(DriftBaseline? given, int first) =>
        from scanner in Scanners
        where given is { IsForAll: false } ? given.For(scanner.Scanner) is null : given is null && scanner.Results[0] >= first
        let held = scanner.HasBaseline ? "it is held against its own first results" : "it has no baseline, its slides are not judged"
        select (scanner.Results[0], $"{At(scanner.Results[0])}: first slide of {scanner.Told}, which was not in use before; {held}");

    private IEnumerable<string> NotesOn(DriftBaseline used)
    {
        if (used.IsForAll && Scanners.Count > 1)
        {
            yield return "The baseline is of an earlier version and tells no scanners apart: all are held against the same.";
            yield break;
        }

        var reference = Scanners.FirstOrDefault(s => s.HasBaseline);
        foreach (var scanner in Scanners.Where(_ => Scanners.Count > 1 || reference is null))
        {
            var told = $"{char.ToUpperInvariant(scanner.Told[0])}{scanner.Told[1..]}: {scanner.Results.Count} results";
            yield return scanner.HasBaseline
                ? scanner == reference ? $"{told}." : $"{told}; {Differences(scanner, reference!)}."
                : $"{told}, no baseline: nothing is said of them. A baseline needs {LeastBaseline} results of a scanner.";
        }
    }

    private static string Differences(ScannerDrift scanner, ScannerDrift reference)
    {
        List<string> told =
        [
            .. from chart in scanner.Charts
               let other = reference.Charts.FirstOrDefault(c => c.Figure == chart.Figure)?.Baseline
               where chart.Baseline is not null && other is not null
               let deviations = (chart.Baseline!.Mean - other!.Mean) / other!.Deviation
               where Math.Abs(deviations) >= Notable
               orderby Math.Abs(deviations) descending
               select string.Create(CultureInfo.InvariantCulture, $"{chart.Figure} {deviations:+0.0;-0.0}"),
        ];
        return told.Count == 0 ? $"no figure is {Notable:0} deviations from {reference.Told}" : $"from {reference.Told}, in deviations: {string.Join(", ", told)}";
    }

    private string At(int result) => string.Create(CultureInfo.InvariantCulture, $"{Results[result].Name} ({Results[result].Finished:yyyy-MM-dd HH:mm})");

    private static IEnumerable<string> ManifestsIn(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*" + Manifest.Ending, SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        : throw new IOException($"{folder}: there is no such folder.");

    // Without nuclei there is nothing whose mean it could be: the zeros in their place would widen the limits of a baseline so far that nothing is told.
    private static IReadOnlyDictionary<string, double> FiguresOf(ManifestQuality quality, long nuclei) =>
        new Dictionary<string, double>(
            quality.Figures.Select(f => nuclei == 0 && _ofNuclei.Contains(f.Key) ? new(f.Key, double.NaN) : f),
            StringComparer.Ordinal)
        {
            ["shift"] = quality.Shift ?? double.NaN,
            ["expectedPq"] = quality.ExpectedPq ?? double.NaN,
        };
}
