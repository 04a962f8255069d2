using HoverFast.Pipeline;
using Spectre.Console;

namespace HoverFast.Cli;

/// <summary>What became of each input of a batch.</summary>
internal sealed class BatchReport
{
    private readonly List<Line> _lines = [];

    /// <summary>Inputs that failed.</summary>
    public int Failed => _lines.Count(l => l.Error is not null);

    /// <summary>Notes a finished input.</summary>
    public void Add(string name, SlideReport report) => _lines.Add(new Line(name, report, null, false));

    /// <summary>Notes an input whose result was there already.</summary>
    public void AddKept(string name) => _lines.Add(new Line(name, null, null, true));

    /// <summary>Notes an input that failed.</summary>
    public void AddFailed(string name, string error) => _lines.Add(new Line(name, null, error, false));

    /// <summary>Prints the table and the figures of the whole run.</summary>
    public void Print(IAnsiConsole screen)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("input").AddColumn(Right("nuclei")).AddColumn(Right("tissue mm2")).AddColumn(Right("seconds")).AddColumn(Right("mm2/s")).AddColumn(Right("Mpx/s")).AddColumn("note");
        foreach (var line in _lines)
        {
            if (line.Report is { } r)
            {
                table.AddRow(Markup.Escape(line.Name), $"{r.Nuclei}", $"{r.TissueArea:0.000}", $"{r.Seconds:0.00}", $"{r.AreaPerSecond:0.000}", $"{r.MegapixelsPerSecond:0.0}", Markup.Escape(Note(r)));
            }
            else
            {
                table.AddRow(Markup.Escape(line.Name), "", "", "", "", "", line.Kept ? "done before, kept" : "[red]failed[/]: " + Markup.Escape(FirstSentence(line.Error!)));
            }
        }

        screen.Write(table);
        PrintTotals(screen);
    }

    private static string Note(SlideReport report) => string.Join(" ", ((string[])[report.TilesResumed > 0 ? $"went on from tile {report.TilesResumed} of {report.Tiles}." : "", .. report.Warnings]).Where(s => s.Length > 0));

    private static string FirstSentence(string text) => text.IndexOf(". ", StringComparison.Ordinal) is var end and > 0 ? text[..end] : text;

    private static TableColumn Right(string title) => new TableColumn(title).RightAligned();

    private void PrintTotals(IAnsiConsole screen)
    {
        var done = _lines.Where(l => l.Report is not null).Select(l => l.Report!).ToList();
        if (done.Count > 0)
        {
            var seconds = done.Sum(r => r.Seconds);
            var stages = Enum.GetValues<Stage>().Select(s => (Stage: s, Seconds: done.Sum(r => r.StageSeconds[s]))).ToList();
            var all = Math.Max(1e-9, stages.Sum(s => s.Seconds));
            screen.WriteLine($"{done.Sum(r => r.Nuclei)} nuclei in {done.Sum(r => r.TissueArea):0.000} mm2 of tissue, {seconds:0.0} s: {done.Sum(r => r.TissueArea) / Math.Max(seconds, 1e-9):0.000} mm2/s, {done.Sum(r => r.TissuePixels) * 1e-6 / Math.Max(seconds, 1e-9):0.0} Mpx/s");
            screen.WriteLine("busy: " + string.Join(", ", stages.Select(s => $"{s.Stage.ToString().ToLowerInvariant()} {s.Seconds:0.0} s ({s.Seconds / all * 100:0} %)")));
        }

        screen.WriteLine($"peak memory: {PeakMemory.Bytes / 1048576.0:0} MiB");
        if (Failed > 0)
        {
            screen.WriteLine($"{Failed} of {_lines.Count} inputs failed");
        }
    }

    private sealed record Line(string Name, SlideReport? Report, string? Error, bool Kept);
}
