using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using HoverFast.Cli;
using HoverFast.Jobs;
using HoverFast.Slides;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Jobs;

public sealed class DriftReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AStainThatFadesIsToldOnAPageAndInATable()
    {
        await WriteResultsAsync(70, fadesFrom: 45);
        Assert.Equal(
            ExitCode.SomeFailed,
            await HoverFastCommand.RunAsync([
                "drift",
                _folder.File("results"),
                "--save-baseline",
                _folder.File("lab.json"),
                "--page",
                _folder.File("drift.html"),
                "--table",
                _folder.File("drift.csv"),
            ]));
        var report = DriftReport.Of([_folder.File("results")]);
        Assert.Equal(70, report.Results.Count);
        Assert.All(report.Alarms, a => Assert.Contains("red drifts down", a, StringComparison.Ordinal));
        Assert.InRange(int.Parse(report.Alarms[0][5..8], System.Globalization.CultureInfo.InvariantCulture), 46, 55);

        var page = File.ReadAllText(_folder.File("drift.html"));
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        foreach (var svg in page.Split("<svg").Skip(1))
        {
            var drawing = XElement.Parse("<svg" + svg[..(svg.IndexOf("</svg>", StringComparison.Ordinal) + 6)]);
            Assert.Equal(70, drawing.Elements("circle").Count(c => (string?)c.Attribute("fill") == "#557"));
        }

        var rows = File.ReadAllLines(_folder.File("drift.csv"));
        Assert.Equal(71, rows.Length);
        Assert.StartsWith("result,finished,scanner,", rows[0], StringComparison.Ordinal);
        Assert.Contains("red,red_average,red_limit,red_alarm", rows[0], StringComparison.Ordinal);
        Assert.Equal(report.Alarms, DriftReport.Of([_folder.File("results")], _folder.File("lab.json")).Alarms);
    }

    /// <summary>
    /// Two scanners whose reds differ by ten deviations, in turn: one mean over both would widen the limits so far that nothing is told. Each is in order by
    /// itself, and the second one's fading is told within slides.
    /// </summary>
    [Fact]
    public async Task EachScannerIsHeldAgainstItsOwnBaseline()
    {
        await WriteResultsAsync(100, fadesFrom: 80, scannerOf: i => i % 2 == 0 ? "Even" : "Odd", redOf: i => i % 2 == 0 ? 0.3 : 0.4);
        var report = DriftReport.Of([_folder.File("results")]);
        Assert.Equal(["Even", "Odd"], report.Scanners.Select(s => s.Scanner));
        Assert.NotEmpty(report.Alarms);
        Assert.All(report.Alarms, a => Assert.Contains("red drifts down", a, StringComparison.Ordinal));
        Assert.Contains(report.Alarms, a => a.EndsWith("(scanner 'Odd')", StringComparison.Ordinal));
        Assert.InRange(int.Parse(report.Alarms[0][5..8], System.Globalization.CultureInfo.InvariantCulture), 81, 92);
        Assert.Contains("Scanner 'Odd': 50 results; from scanner 'Even', in deviations: red +", report.Notes[1], StringComparison.Ordinal);

        report.WritePage(_folder.File("drift.html"));
        var page = File.ReadAllText(_folder.File("drift.html"));
        Assert.Contains("<h2>Scanner: Even</h2>", page, StringComparison.Ordinal);
        Assert.Contains("<h2>Scanner: Odd</h2>", page, StringComparison.Ordinal);
        report.WriteTable(_folder.File("drift.csv"));
        Assert.Contains("\"slide001\",2026-01-01T01:00:00.0000000+00:00,\"Odd\",", File.ReadAllLines(_folder.File("drift.csv"))[2], StringComparison.Ordinal);
    }

    /// <summary>A scanner takes another's place; its slides are stained as before, so that no chart alone would tell.</summary>
    [Fact]
    public async Task AScannerThatTakesAnothersPlaceIsAnAlarm()
    {
        await WriteResultsAsync(55, fadesFrom: 100, scannerOf: i => i < 45 ? "Old" : "New");
        Assert.Equal(ExitCode.SomeFailed, await HoverFastCommand.RunAsync(["drift", _folder.File("results"), "--save-baseline", _folder.File("lab.json")]));
        foreach (var report in (DriftReport[])[DriftReport.Of([_folder.File("results")]), DriftReport.Of([_folder.File("results")], _folder.File("lab.json"))])
        {
            Assert.Equal(
                "slide045 (2026-01-02 21:00): first slide of scanner 'New', which was not in use before; it has no baseline, its slides are not judged",
                Assert.Single(report.Alarms));
            Assert.Contains("Scanner 'New': 10 results, no baseline", report.Notes[1], StringComparison.Ordinal);
            Assert.All(report.Scanners[1].Charts, c => Assert.Null(c.Baseline));
        }

        // Later the new scanner has slides enough; its baseline is saved beside the old one's, and from then on all is in order.
        await WriteResultsAsync(75, fadesFrom: 100, scannerOf: i => i < 45 ? "Old" : "New");
        DriftReport.Of([_folder.File("results")], _folder.File("lab.json")).SaveBaseline(_folder.File("both.json"));
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["drift", _folder.File("results"), "--baseline", _folder.File("both.json")]));
        Assert.Contains("in use before; it is held against its own", Assert.Single(DriftReport.Of([_folder.File("results")]).Alarms), StringComparison.Ordinal);
    }

    /// <summary>A baseline of an earlier version has no scanners: it is held against all results, so that the scanner swapped is told by the charts.</summary>
    [Fact]
    public async Task ABaselineOfEarlierVersionsIsHeldAgainstAllScanners()
    {
        await WriteResultsAsync(60, fadesFrom: 100, scannerOf: i => i < 40 ? "Old" : "New", redOf: i => i < 40 ? 0.3 : 0.33);
        File.WriteAllText(_folder.File("old.json"), """{ "red": { "mean": 0.3, "deviation": 0.006, "slides": 30 } }""");
        var report = DriftReport.Of([_folder.File("results")], _folder.File("old.json"));
        Assert.Contains("tells no scanners apart", Assert.Single(report.Notes), StringComparison.Ordinal);
        Assert.NotEmpty(report.Alarms);
        Assert.All(report.Alarms, a => Assert.EndsWith("(scanner 'New')", a, StringComparison.Ordinal));
        report.SaveBaseline(_folder.File("again.json"));
        Assert.Equal(report.Alarms, DriftReport.Of([_folder.File("results")], _folder.File("again.json")).Alarms);
    }

    /// <summary>Glass without tissue has no figures, and is not taken for a result of an earlier version, which has no quality at all.</summary>
    [Fact]
    public async Task SlidesWithoutTissueAreToldFromResultsOfEarlierVersions()
    {
        await WriteResultsAsync(22, fadesFrom: 100);
        var glass = new RgbImage(300, 200);
        glass.Span.Fill(255);
        RgbImageFile.WritePng(_folder.File("glass.png"), glass);
        using (var segmenter = new SlideSegmenter(calibrator: new SlideCalibrator { Stated = new Mpp(0.25) }))
        {
            await segmenter.SegmentAsync(
                _folder.File("glass.png"),
                _folder.File("results"),
                new ResultOptions { Kinds = [ResultKind.Csv] },
                cancellation: TestContext.Current.CancellationToken);
        }

        foreach (var old in (string[])["slide000", "slide001"])
        {
            var path = Manifest.PathFor(_folder.File("results"), old);
            var manifest = JsonNode.Parse(File.ReadAllText(path))!.AsObject();
            Assert.True(manifest.Remove("quality"));
            File.WriteAllText(path, manifest.ToJsonString(JsonSerializerOptions.Default));
        }

        var report = DriftReport.Of([_folder.File("results")]);
        Assert.Equal((20, 2, 1), (report.Results.Count, report.LeftOut, report.WithoutTissue));
        var told = await ChildProcess.HoverFastAsync("drift", _folder.File("results"), "--page", _folder.File("drift.html"));
        Assert.Contains("20 results, 2 of earlier versions or unreadable left out, 1 without tissue left out: no alarm", told.Output, StringComparison.Ordinal);
        var page = File.ReadAllText(_folder.File("drift.html"));
        Assert.Contains("of earlier versions or unreadable: 2.", page, StringComparison.Ordinal);
        Assert.Contains("without tissue: 1.", page, StringComparison.Ordinal);
    }

    /// <summary>Zeros in place of figures that a slide without nuclei doesn't have would widen the limits so far that nothing is told.</summary>
    [Fact]
    public async Task ASlideWithoutNucleiInTheBaselineHidesNoDrift()
    {
        await WriteResultsAsync(50, fadesFrom: 100);
        foreach (var path in Enumerable.Range(0, 50).Select(i => Manifest.PathFor(_folder.File("results"), $"slide{i:000}")).Where((_, i) => i is 0 or > 40))
        {
            var manifest = JsonNode.Parse(File.ReadAllText(path))!;
            var (figures, isBare) = (manifest["quality"]!["figures"]!, path.Contains("slide000", StringComparison.Ordinal));
            manifest["counts"]!["nuclei"] = isBare ? 0 : 100;
            figures["area"] = isBare ? 0 : (double)figures["area"]! + 0.4;
            figures["boundary"] = isBare ? 0 : (double)figures["boundary"]!;
            figures["match"] = isBare ? 0 : (double)figures["match"]!;
            File.WriteAllText(path, manifest.ToJsonString(JsonSerializerOptions.Default));
        }

        var report = DriftReport.Of([_folder.File("results")]);
        Assert.NotEmpty(report.Alarms);
        Assert.All(report.Alarms, a => Assert.Contains("area drifts up", a, StringComparison.Ordinal));
        Assert.Equal(29, report.Scanners[0].Charts.Single(c => c.Figure == "match").Baseline!.Slides);
    }

    [Fact]
    public async Task SlidesInOrderRaiseNoAlarm()
    {
        await WriteResultsAsync(40, fadesFrom: 100);
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["drift", _folder.File("results")]));
    }

    [Fact]
    public async Task WhatIsNoBaselineAndTooFewResultsAreToldInOneLine()
    {
        await WriteResultsAsync(5, fadesFrom: 100);
        Assert.Contains("a baseline needs 20", Assert.Throws<IOException>(() => DriftReport.Of([_folder.File("results")])).Message, StringComparison.Ordinal);
        File.WriteAllText(_folder.File("lab.json"), "[1]");
        Assert.Contains(
            "is no baseline",
            Assert.Throws<IOException>(() => DriftReport.Of([_folder.File("results")], _folder.File("lab.json"))).Message,
            StringComparison.Ordinal);
        Assert.Contains("no such folder", Assert.Throws<IOException>(() => DriftReport.Of([_folder.File("none")])).Message, StringComparison.Ordinal);
    }

    private async Task WriteResultsAsync(int count, int fadesFrom, Func<int, string>? scannerOf = null, Func<int, double>? redOf = null)
    {
        using var segmenter = new SlideSegmenter(calibrator: new SlideCalibrator { Stated = new Mpp(0.25) });
        var made = await segmenter.SegmentAsync(
            LabelledTiles.Image("tnbc", "09_4"),
            _folder.File("one"),
            new ResultOptions { Kinds = [ResultKind.Csv] },
            cancellation: TestContext.Current.CancellationToken);
        var manifest = JsonNode.Parse(File.ReadAllText(Manifest.PathFor(_folder.File("one"), "09_4")))!;
        Assert.NotEmpty(made.Manifest!.Quality!.Figures);
        Directory.CreateDirectory(_folder.File("results"));
        var random = new Random(2);
        for (var i = 0; i < count; i++)
        {
            manifest["finished"] = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)
                .AddHours(i)
                .ToString("O", System.Globalization.CultureInfo.InvariantCulture);
            manifest["quality"]!["figures"]!["red"] = Math.Round(
                ((redOf?.Invoke(i) ?? 0.3) * Math.Pow(0.97, Math.Max(0, i - fadesFrom))) + (0.01 * ((2 * random.NextDouble()) - 1)),
                3);
            manifest["slide"]!["scanner"] = scannerOf?.Invoke(i);
            File.WriteAllText(Manifest.PathFor(_folder.File("results"), $"slide{i:000}"), manifest.ToJsonString(JsonSerializerOptions.Default));
        }
    }
}
