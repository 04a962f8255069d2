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
        report.Print(Screen(text, 200));
        var lines = text.ToString().Split('\n');
        var title = Assert.Single(lines, l => l.Contains("exp. PQ", StringComparison.Ordinal));
        var place = title.IndexOf("advice", StringComparison.Ordinal);
        Assert.Equal(["adapt", ""], lines.Where(l => l.StartsWith("  a ", StringComparison.Ordinal)).Select(l => l[place..(place + 6)].Trim()));
        Assert.Single(lines, l => l.Contains(" 0.46 ", StringComparison.Ordinal));
    }

    /// <summary>Terminals have 80 columns unless somebody makes them wider.</summary>
    [Fact]
    public async Task ATerminalOfEightyColumnsHasWholeNumbersAndReadableNotes()
    {
        DarkDiscs.Write(_folder.File("a.png"), 300);
        using var segmenter = new SlideSegmenter(calibrator: new SlideCalibrator { Stated = new Mpp(0.25) });
        var done = await segmenter.SegmentAsync(_folder.File("a.png"), _folder.File("out"), cancellation: TestContext.Current.CancellationToken);
        var input = new SlideInput(_folder.File("a.png"), "TCGA-CR-7395-01A-01-TS1");
        var report = new BatchReport();
        report.Add(
            done with
            {
                Input = input,
                Report = done.Report! with { Nuclei = 1_234_567, TissueArea = 123.456, Seconds = 1234.56 },
                Manifest = done.Manifest! with { Quality = new ManifestQuality { ExpectedPq = 0.456, Advice = "refuse" } },
            });
        report.Add(new SlideOutcome { Input = input with { Name = "b" }, State = SlideState.Failed, Error = new IOException("The disk is full. More.") });
        using var text = new StringWriter();
        report.Print(Screen(text, 80));

        var lines = text.ToString().Split('\n');
        Assert.All(lines, l => Assert.True(l.TrimEnd().Length <= 80, l));
        var row = Assert.Single(lines, l => l.StartsWith("  TCGA", StringComparison.Ordinal));
        Assert.Matches(@"TS1\s+1234567\s+123\.456\s+1234\.56\s+0\.46\s+refuse\s*$", row);
        Assert.Contains("b: failed: The disk is full", lines);
        Assert.Contains(lines, l => l.Contains("tissue mm2", StringComparison.Ordinal) && l.Contains("exp. PQ", StringComparison.Ordinal));
    }

    /// <summary>Nuclei that were left out are in no count, so their tissue isn't either.</summary>
    [Fact]
    public async Task TotalsAreOfTheTissueWhoseNucleiCount()
    {
        DarkDiscs.Write(_folder.File("a.png"), 300);
        using var segmenter = new SlideSegmenter(calibrator: new SlideCalibrator { Stated = new Mpp(0.25) });
        var done = await segmenter.SegmentAsync(_folder.File("a.png"), _folder.File("out"), cancellation: TestContext.Current.CancellationToken);
        var left = new ManifestLeftOut { Area = 0.25, Nuclei = 5, Reasons = new Dictionary<string, int>(), Fields = [] };
        var report = new BatchReport();
        report.Add(done with { Report = done.Report! with { Nuclei = 10, TissueArea = 1, Seconds = 2 }, Manifest = done.Manifest! with { LeftOut = left } });
        using var text = new StringWriter();
        report.Print(Screen(text, 200));

        Assert.Contains(
            "10 nuclei in 0.750 mm2 of tissue (0.250 mm2 more left out because of artefacts), 2.0 s: 0.500 mm2/s", text.ToString(), StringComparison.Ordinal);
    }

    private static IAnsiConsole Screen(StringWriter text, int width)
    {
        var screen = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Out = new AnsiConsoleOutput(text),
            });
        screen.Profile.Width = width;
        return screen;
    }
}
