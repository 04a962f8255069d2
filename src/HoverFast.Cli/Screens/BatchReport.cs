using System.Globalization;
using HoverFast.Jobs;
using HoverFast.Pipeline;
using HoverFast.Slides;
using Spectre.Console;

namespace HoverFast.Cli.Screens;

/// <summary>What became of each input of a batch, as a table with the figures of the whole run.</summary>
internal sealed class BatchReport
{
    // Columns that all figures and a note of some words take.
    private const int Wide = 150;

    // Those that a narrow terminal has room for.
    private const int NarrowFigures = 3;

    private readonly List<SlideOutcome> _outcomes = [];

    /// <summary>Inputs that failed.</summary>
    public int Failed => _outcomes.Count(o => o.State == SlideState.Failed);

    /// <summary>Notes what became of an input.</summary>
    public void Add(SlideOutcome outcome) => _outcomes.Add(outcome);

    /// <summary>
    /// Prints the table and the figures of the whole run. On a narrow terminal the table has the main figures, so that no number is parted, and the notes
    /// stand below it.
    /// </summary>
    public void Print(IAnsiConsole screen)
    {
        var isWide = screen.Profile.Width >= Wide;
        string[] titles = ["nuclei", "tissue mm2", "seconds", "mm2/s", "Mpx/s"];
        var types = isWide ? _outcomes.SelectMany(o => o.Manifest?.Counts.Types?.Keys ?? []).Distinct(StringComparer.Ordinal).ToList() : [];
        var table = new Table().Border(TableBorder.Simple).AddColumn("input");
        foreach (
            var title in (IEnumerable<string>)
                [.. titles.Take(isWide ? titles.Length : NarrowFigures), .. types.Select(t => Markup.Escape(t.ToLowerInvariant())), "exp. PQ"])
        {
            table.AddColumn(new TableColumn(title).RightAligned().NoWrap());
        }

        table.AddColumn(new TableColumn("advice").NoWrap());
        if (isWide)
        {
            table.AddColumn("note");
        }

        foreach (var outcome in _outcomes)
        {
            string[] figures = outcome.Report is { } r
                ? [$"{r.Nuclei}", $"{r.TissueArea:0.000}", $"{r.Seconds:0.00}", $"{r.AreaPerSecond:0.000}", $"{r.MegapixelsPerSecond:0.0}"]
                : ["", "", "", "", ""];
            table.AddRow([
                Markup.Escape(outcome.Input.Name),
                .. figures.Take(isWide ? figures.Length : NarrowFigures),
                .. types.Select(t => CountOf(outcome, t)),
                .. Quality(outcome.Manifest?.Quality),
                .. isWide ? (string[])[Note(outcome)] : [],
            ]);
        }

        screen.Write(table);
        foreach (var outcome in isWide ? [] : _outcomes.Where(o => Note(o).Length > 0))
        {
            screen.MarkupLine($"{Markup.Escape(outcome.Input.Name)}: {Note(outcome)}");
        }

        PrintTotals(screen);
    }

    private static string[] Quality(ManifestQuality? quality) =>
        quality is null ? ["", ""] : [quality.ExpectedPq is { } pq ? string.Create(CultureInfo.InvariantCulture, $"{pq:0.00}") : "", quality.Advice];

    private static string CountOf(SlideOutcome outcome, string type) =>
        outcome.Manifest?.Counts.Types is { } counts && counts.TryGetValue(type, out var count) ? $"{count}" : "";

    private static string Note(SlideOutcome outcome) => outcome switch
    {
        { State: SlideState.Kept } => "done before, kept",
        { Error: { } error } => "[red]failed[/]: " + Markup.Escape(FirstSentence(error is SlideException slide ? slide.Problem : error.Message)),
        { Report: { } report } => Markup.Escape(string.Join(" ", ResumedNote(report).Concat(report.Warnings.Select(w => w.Text)))),
        _ => "",
    };

    private static IEnumerable<string> ResumedNote(SlideReport report) =>
        report.TilesResumed > 0 ? [$"went on from tile {report.TilesResumed} of {report.Tiles}."] : [];

    private static string FirstSentence(string text) => text.IndexOf(". ", StringComparison.Ordinal) is var end and > 0 ? text[..end] : text;

    private void PrintTotals(IAnsiConsole screen)
    {
        var done = _outcomes.Where(o => o.Report is not null).Select(o => o.Report!).ToList();
        if (done.Count > 0)
        {
            var seconds = done.Sum(r => r.Seconds);
            var area = done.Sum(r => r.TissueArea);
            var stages = Enum.GetValues<Stage>().Select(s => (Stage: s, Seconds: done.Sum(r => r.StageSeconds[s]))).ToList();
            var all = Math.Max(1e-9, stages.Sum(s => s.Seconds));
            var rates = $"{area / Math.Max(seconds, 1e-9):0.000} mm2/s, {done.Sum(r => r.TissuePixels) * 1e-6 / Math.Max(seconds, 1e-9):0.0} Mpx/s";
            var left = _outcomes.Where(o => o.Report is not null).Sum(o => o.Manifest?.LeftOut?.Area ?? 0);
            var besides = left > 0 ? $" ({left:0.000} mm2 more left out because of artefacts)" : "";
            screen.WriteLine($"{done.Sum(r => r.Nuclei)} nuclei in {area - left:0.000} mm2 of tissue{besides}, {seconds:0.0} s: {rates}");
            screen.WriteLine(
                "busy: " + string.Join(", ", stages.Select(s => $"{s.Stage.ToString().ToLowerInvariant()} {s.Seconds:0.0} s ({s.Seconds / all * 100:0} %)")));
        }

        if (done.Count > 0)
        {
            screen.WriteLine($"peak memory: {done.Max(r => r.PeakMemory) / 1048576.0:0} MiB");
        }

        if (Failed > 0)
        {
            screen.WriteLine($"{Failed} of {_outcomes.Count} inputs failed");
        }
    }
}
