using HoverFast.Cli;
using HoverFast.Cluster.Batches;
using HoverFast.Cluster.Progress;
using HoverFast.Cluster.Slurm;
using HoverFast.Jobs;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Cluster;

public sealed class ClusterStateTests
{
    /// <summary>Two slides in the 16 minutes in which something was under way, after hours in which nothing was: pauses say nothing of the pace.</summary>
    [Fact]
    public async Task ThePaceIsThatOfTheTimeInWhichSlidesWereUnderWay()
    {
        using var batch = new BatchOfSlides(3);
        var results = batch.File("out");
        Assert.Equal(
            ExitCode.Success,
            (await ChildProcess.HoverFastAsync("cluster", "submit", batch.Slides, "-o", results, "--dry-run", "--model", batch.Model)).ExitCode);
        var job = Assert.Single(JobFolder.Of(results));
        var end = DateTimeOffset.UtcNow.AddMinutes(-1);
        Write(1, ("s00", -320, SlideEventKind.Started), ("s00", -300, SlideEventKind.Done));

        // One that was killed, nobody knows when; one that was stopped; and two at once.
        Write(2, ("s01", -50, SlideEventKind.Started));
        Write(3, ("s01", -20, SlideEventKind.Started), ("s01", -16, SlideEventKind.Stopped));
        Write(4, ("s01", -12, SlideEventKind.Started), ("s01", -4, SlideEventKind.Done));
        Write(5, ("s02", -9, SlideEventKind.Started), ("s02", 0, SlideEventKind.Done));

        var state = ClusterState.Read(results);

        Assert.Equal(2 / (16 / 60.0), state.SlidesPerHour!.Value, 6);

        // No manifest is there: all three are to be done, and weigh what the three that were done did.
        Assert.Equal(3 / state.SlidesPerHour.Value, state.Left!.Value.TotalHours, 6);

        void Write(int process, params (string Slide, int Minutes, SlideEventKind What)[] events) => File.WriteAllLines(
            Path.Combine(job.Events, $"0-{process}.jsonl"),
            events.Select(e => new SlideEvent { At = end.AddMinutes(e.Minutes), Event = e.What, Slide = e.Slide, Host = "node", Process = process }.ToJson()));
    }

    /// <summary>What failed and was then segmented by hand is done, also where the plan refused it; a result of before the failure stands beside it.</summary>
    [Fact]
    public async Task AResultThatCameAfterAFailureIsDone()
    {
        using var batch = new BatchOfSlides(3);
        var results = batch.File("out");
        string[] all = [batch.Slides, "-o", results, "--model", batch.Model];
        Assert.Equal(ExitCode.Success, (await ChildProcess.HoverFastAsync(["cluster", "submit", .. all, "--dry-run"])).ExitCode);
        Assert.Equal(ExitCode.Success, (await ChildProcess.HoverFastAsync(["segment", .. all, "--write", "csv"])).ExitCode);
        File.Delete(Manifest.PathFor(results, "s02"));
        var job = Assert.Single(JobFolder.Of(results));
        var now = DateTimeOffset.UtcNow;
        File.WriteAllLines(
            Path.Combine(job.Events, "0-1.jsonl"),
            new[] { (Slide: "s00", Minutes: -60), (Slide: "s01", Minutes: 1), (Slide: "s02", Minutes: -60) }
                .Select(e => new SlideEvent { At = now.AddMinutes(e.Minutes), Event = SlideEventKind.Failed, Slide = e.Slide, Error = "broken" }.ToJson()));

        var slides = ClusterState.Read(results).Slides;

        Assert.Equal([SlideProgressState.Done, SlideProgressState.Failed, SlideProgressState.Failed], slides.Select(s => s.State));
        Assert.Equal((string?[])[null, "broken", "broken"], slides.Select(s => s.Error));
    }
}
