using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using HoverFast.Cli;
using HoverFast.Jobs;
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
        Assert.Contains("red,red_average,red_limit,red_alarm", rows[0], StringComparison.Ordinal);
        Assert.Equal(report.Alarms, DriftReport.Of([_folder.File("results")], _folder.File("lab.json")).Alarms);
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

    private async Task WriteResultsAsync(int count, int fadesFrom)
    {
        using var segmenter = new SlideSegmenter(calibrator: new HoverFast.Slides.SlideCalibrator { Stated = new HoverFast.Slides.Mpp(0.25) });
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
                (0.3 * Math.Pow(0.97, Math.Max(0, i - fadesFrom))) + (0.01 * ((2 * random.NextDouble()) - 1)),
                3);
            File.WriteAllText(Manifest.PathFor(_folder.File("results"), $"slide{i:000}"), manifest.ToJsonString(JsonSerializerOptions.Default));
        }
    }
}
