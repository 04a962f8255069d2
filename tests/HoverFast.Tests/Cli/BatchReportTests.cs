using HoverFast.Cli.Screens;
using HoverFast.Jobs;
using HoverFast.Slides;
using Spectre.Console;
using Xunit;

namespace HoverFast.Tests.Cli;

public sealed class BatchReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TellsWhatIsExpectedOfEachResult()
    {
        DarkDiscs.Write(_folder.File("a.png"), 300);
        using var segmenter = new SlideSegmenter(calibrator: new SlideCalibrator { Stated = new Mpp(0.25) });
        var manifest = (
            await segmenter.SegmentAsync(_folder.File("a.png"), _folder.File("out"), cancellation: TestContext.Current.CancellationToken)
        ).Manifest!;
        var outcome = new SlideOutcome { Input = new SlideInput(_folder.File("a.png"), "a"), State = SlideState.Kept };
        var report = new BatchReport();
        report.Add(outcome with { Manifest = manifest with { Quality = new ManifestQuality { ExpectedPq = 0.456, Advice = "adapt" } } });
        report.Add(outcome with { Manifest = manifest with { Quality = null } });
        using var text = new StringWriter();
        var screen = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Out = new AnsiConsoleOutput(text),
            });
        screen.Profile.Width = 200;
        report.Print(screen);
        var lines = text.ToString().Split('\n');
        var title = Assert.Single(lines, l => l.Contains("exp. PQ", StringComparison.Ordinal));
        var place = title.IndexOf("advice", StringComparison.Ordinal);
        Assert.Equal(["adapt", ""], lines.Where(l => l.StartsWith("  a ", StringComparison.Ordinal)).Select(l => l[place..(place + 6)].Trim()));
        Assert.Single(lines, l => l.Contains(" 0.46 ", StringComparison.Ordinal));
    }
}
