using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using HoverFast.Cli;
using Xunit;

namespace HoverFast.Tests.Cluster;

/// <summary>What machines are told of a batch: events, figures, exit codes.</summary>
public sealed class BatchEventsTests
{
    [Fact]
    public async Task EveryEventIsALineOfJsonAndTheFiguresAddUp()
    {
        using var batch = new BatchOfSlides(3);
        BrokenSlide.Break(Path.Combine(batch.Slides, "s01.svs"));
        var figures = batch.File("node.prom");
        var ended = await batch.SegmentAsync(batch.File("out"), "--log", "json", "--metrics-file", figures);
        Assert.Equal(ExitCode.SomeFailed, ended.ExitCode);
        var events = ended.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!).ToList();
        Assert.Equal(
            ["started s00", "done s00", "started s01", "failed s01", "started s02", "done s02"],
            events.Select(e => $"{(string)e["event"]!} {(string)e["slide"]!}"));
        Assert.True(
            (double)events[1]["seconds"]! > 0 && (double)events[1]["processorSeconds"]! > 0 && (long)events[1]["nuclei"]! > 0,
            events[1].ToJsonString());
        Assert.Equal(["find", "infer", "measure", "read", "write"], events[1]["stageSeconds"]!.AsObject().Select(s => s.Key).Order(StringComparer.Ordinal));
        Assert.Contains("s01.svs", (string)events[3]["error"]!, StringComparison.Ordinal);

        var values = (await File.ReadAllLinesAsync(figures, TestContext.Current.CancellationToken))
            .Where(l => l[0] != '#')
            .Select(l => l.Split(' '))
            .ToDictionary(l => l[0], l => double.Parse(l[1], CultureInfo.InvariantCulture));
        Assert.Equal(
            (2, 0, 1),
            (
                values["hoverfast_slides_total{state=\"done\"}"],
                values["hoverfast_slides_total{state=\"kept\"}"],
                values["hoverfast_slides_total{state=\"failed\"}"]));
        Assert.Equal((long)events[1]["nuclei"]! + (long)events[5]["nuclei"]!, values["hoverfast_nuclei_total"]);
        Assert.True(values["hoverfast_processor_seconds_total"] > 0 && values.ContainsKey("hoverfast_stage_seconds_total{stage=\"infer\"}"));
    }

    [Fact]
    public async Task SigtermClosesTheJournalEndsWithACodeOfItsOwnAndTheNextRunGoesOn()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs signals");
        using var batch = new BatchOfSlides(1, 4_000);
        var whole = batch.File("whole");
        Assert.Equal(ExitCode.Success, (await batch.SegmentAsync(whole, "--tile-size", "256")).ExitCode);

        var stopped = batch.File("stopped");
        string[] command =
        [
            Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"), "segment", batch.Slides, "-o", stopped, "--model", batch.Model, "--threads", "1",
            "--write", "geojson", "--tile-size", "256", "--log", "json",
        ];
        using var process = Process.Start(new ProcessStartInfo("dotnet", command)
        {
            UseShellExecute = false,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        })!;
        var journal = new FileInfo(Path.Combine(stopped, "s00.journal"));
        for (; !journal.Exists || journal.Length < 4096; journal.Refresh())
        {
            Assert.False(process.HasExited, "it was done before it could be stopped");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        // Twice, as timeout(1) and managers of services do.
        var kill = string.Create(CultureInfo.InvariantCulture, $"kill -TERM {process.Id}");
        using var signals = Process.Start("sh", ["-c", $"{kill}; sleep 0.02; {kill}"]);
        var events = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Terminated, process.ExitCode);
        Assert.Contains("\"event\":\"stopped\"", events, StringComparison.Ordinal);
        Assert.True(File.Exists(journal.FullName) && !File.Exists(Path.Combine(stopped, "s00.lock")));

        var next = await batch.SegmentAsync(stopped, "--tile-size", "256");
        Assert.Contains("went on from tile", next.Output, StringComparison.Ordinal);
        BatchOfSlides.RequireSameResults(whole, stopped, 1);
    }
}
