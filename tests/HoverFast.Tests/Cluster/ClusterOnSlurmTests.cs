using System.Globalization;
using System.Text.Json.Nodes;
using HoverFast.Cli;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Cluster;

/// <summary>Batches on a real Slurm of two nodes.</summary>
[Collection(nameof(TwoNodeSlurm))]
public sealed class ClusterOnSlurmTests
{
    [Fact]
    public async Task FortySlidesComeToTheBytesOfOneMachineAndTwoSubmitsDoNoHarm()
    {
        using var slurm = await TwoNodeSlurm.StartAsync();
        using var batch = new BatchOfSlides(40);
        var (alone, together) = (batch.File("alone"), batch.File("with a blank, 100%"));
        var one = await batch.SegmentAsync(alone);
        Assert.True(one.ExitCode == ExitCode.Success, one.Error);

        string[] submit =
        [
            "cluster",
            "submit",
            batch.Slides,
            "-o",
            together,
            "--model",
            batch.Model,
            "--write",
            "geojson",
            "--threads",
            "1",
            "--cpus",
            "1",
            "--mem",
            "1G",
            "--slides-per-task",
            "10",
            "--price",
            "0.1",
        ];
        var both = await Task.WhenAll(slurm.HoverFastAsync(submit), slurm.HoverFastAsync(submit));
        Assert.All(both, b => Assert.True(b.ExitCode == ExitCode.Success, b.Error + b.Output));
        Assert.All(both, b => Assert.Matches(@"40 slides, .* in 4 tasks of 1 cores(?s).*core hours, which cost(?s).*submitted as \d+;", b.Output));
        await slurm.IdleAsync(TestContext.Current.CancellationToken);
        BatchOfSlides.RequireSameResults(alone, together, 40);

        var status = JsonNode.Parse((await slurm.HoverFastAsync("cluster", "status", together, "--json")).Output)!;
        Assert.Equal((40, 40, 0), ((int)status["slides"]!, (int)status["done"]!, (int)status["failed"]!));

        // Whoever came second kept what was done: each slide was segmented once.
        var events = Directory.GetFiles(Path.Combine(together, "cluster"), "*.jsonl", SearchOption.AllDirectories)
            .Where(f => f.Contains("events", StringComparison.Ordinal))
            .SelectMany(File.ReadLines)
            .ToList();
        Assert.Equal(40, events.Count(e => e.Contains("\"event\":\"done\"", StringComparison.Ordinal)));
        Assert.Equal(40, events.Count(e => e.Contains("\"event\":\"kept\"", StringComparison.Ordinal)));
        Assert.Contains("All slides are done", (await slurm.HoverFastAsync("cluster", "retry", together)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhateverBreaksRetryDoesTheRestAndNothingTwice()
    {
        using var slurm = await TwoNodeSlurm.StartAsync();
        using var batch = new BatchOfSlides(15, 1536);
        BatchOfSlides.Draw(Path.Combine(batch.Slides, "a-broken.svs"), 2048, 99);
        BrokenSlide.Break(Path.Combine(batch.Slides, "a-broken.svs"));
        var (alone, results) = (batch.File("alone"), batch.File("results"));
        Assert.Equal(ExitCode.SomeFailed, (await batch.SegmentAsync(alone, "--tile-size", "256")).ExitCode);

        // Tasks 1 to 4 stand still in their middle until something happens to them; task 0 has the broken slide, which comes first.
        var hold = Directory.CreateDirectory(batch.File("hold")).FullName;
        int[] held = [1, 2, 3, 4];
        foreach (var task in held)
        {
            await File.WriteAllTextAsync(Path.Combine(hold, $"{task}"), "", TestContext.Current.CancellationToken);
        }

        var program = batch.File("hoverfast");
        await File.WriteAllTextAsync(program, Program(hold), TestContext.Current.CancellationToken);
        var submitted = await slurm.HoverFastAsync(
            "cluster", "submit", batch.Slides, "-o", results, "--model", batch.Model, "--write", "geojson", "--threads", "1",
            "--tile-size", "256", "--cpus", "1", "--mem", "1G", "--time", "1", "--slides-per-task", "2",
            "--program", "/bin/bash " + program);
        Assert.True(submitted.ExitCode == ExitCode.Success, submitted.Error + submitted.Output);
        var job = File.ReadAllText(Directory.GetFiles(Path.Combine(results, "cluster"), "submitted", SearchOption.AllDirectories).Single()).Trim();
        while (!held.All(t => File.Exists(Path.Combine(hold, $"{t}.held"))))
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        // Task 0 did what it could: one slide failed, the other is done. Each of the others has one done and one under way.
        await StatusAsync(slurm, results, done: 5, running: 4, waiting: 6, interrupted: 0, failed: 1);

        var queue = await slurm.RunAsync("squeue", "--noheader", "--array", "--state=running", "--format=%K %N");
        var places = queue.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => l.Split(' '))
            .ToLookup(l => l[1], l => int.Parse(l[0], CultureInfo.InvariantCulture));
        Assert.Equal((2, 2), (places["n1"].Count(), places["n2"].Count()));
        await slurm.LoseAsync("n1");
        await StatusAsync(slurm, results, done: 5, running: 2, waiting: 6, interrupted: 2, failed: 1);

        // Of the two on the other node, one is asked to stop, as at preemption, and is queued again; the other hears nothing and is killed at its time limit.
        var (stopped, killed) = (places["n2"].First(), places["n2"].Last());
        await File.WriteAllTextAsync(Path.Combine(hold, $"{killed}.deaf"), "", TestContext.Current.CancellationToken);

        // It may complain that the task is queued again already; the events tell below whether it was asked.
        await ChildProcess.RunAsync("scancel", ["--signal=TERM", "--batch", $"{job}_{stopped}"], slurm.Environment);
        await slurm.IdleAsync(TestContext.Current.CancellationToken);
        await StatusAsync(slurm, results, done: 14, running: 0, waiting: 0, interrupted: 1, failed: 1);

        Directory.Delete(hold, recursive: true);
        var again = await slurm.HoverFastAsync("cluster", "retry", results);
        Assert.Matches(@"(?m)^2 slides, ", again.Output);
        await slurm.IdleAsync(TestContext.Current.CancellationToken);
        await StatusAsync(slurm, results, done: 15, running: 0, waiting: 0, interrupted: 0, failed: 1);
        BatchOfSlides.RequireSameResults(alone, results, 15);
        var lines = Directory.GetFiles(Path.Combine(results, "cluster"), "*.jsonl", SearchOption.AllDirectories).SelectMany(File.ReadLines);
        var events = lines.Where(l => l.Contains("\"event\"", StringComparison.Ordinal)).Select(l => JsonNode.Parse(l)!).ToList();
        Assert.All(events.Where(e => (string)e["event"]! == "done").CountBy(e => (string)e["slide"]!), s => Assert.Equal(1, s.Value));
        Assert.Equal(2, events.Count(e => (string)e["event"]! == "failed" && (string)e["slide"]! == "a-broken"));
        Assert.Contains(events, e => (string)e["event"]! == "stopped" && ((string)e["job"]!).EndsWith($"_{stopped}", StringComparison.Ordinal));
        Assert.Contains("a-broken, 2 attempts: ", (await slurm.HoverFastAsync("cluster", "status", results)).Output, StringComparison.Ordinal);
    }

    /// <summary>The last task of an array has the array's own number as its job's: what is asked of that number is asked of all tasks.</summary>
    [Fact]
    public async Task TheLastTaskOfAnArrayIsQueuedAgainAndNoOther()
    {
        using var slurm = await TwoNodeSlurm.StartAsync();
        using var batch = new BatchOfSlides(2);
        var (results, runs, go, program) = (batch.File("results"), batch.File("runs"), batch.File("go"), batch.File("hoverfast"));

        // Task 1 waits to be asked to stop, once; task 0 runs until both runs of task 1 are over.
        await File.WriteAllTextAsync(
            program,
            $$"""
            trap 'exit 143' TERM
            echo "$SLURM_ARRAY_TASK_ID ${SLURM_RESTART_COUNT:-0}" >> '{{runs}}'
            if [ "$SLURM_ARRAY_TASK_ID" = 0 ] || [ "${SLURM_RESTART_COUNT:-0}" = 0 ]; then
              until [ -e '{{go}}' ]; do sleep 0.1; done
            fi
            """,
            TestContext.Current.CancellationToken);
        var submitted = await slurm.HoverFastAsync(
            "cluster", "submit", batch.Slides, "-o", results, "--model", batch.Model, "--threads", "1", "--cpus", "1", "--mem", "1G",
            "--slides-per-task", "1", "--program", "/bin/bash " + program);
        Assert.True(submitted.ExitCode == ExitCode.Success, submitted.Error + submitted.Output);
        var job = File.ReadAllText(Directory.GetFiles(Path.Combine(results, "cluster"), "submitted", SearchOption.AllDirectories).Single()).Trim();
        while (!File.Exists(runs) || (await File.ReadAllLinesAsync(runs, TestContext.Current.CancellationToken)).Length < 2)
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        // It may complain that the task is queued again already.
        await ChildProcess.RunAsync("scancel", ["--signal=TERM", "--batch", $"{job}_1"], slurm.Environment);
        while ((await slurm.RunAsync("squeue", "--noheader", "--array", "--format=%K")).Split('\n').Contains("1", StringComparer.Ordinal)
            && (await File.ReadAllLinesAsync(runs, TestContext.Current.CancellationToken)).Length < 3)
        {
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }

        await File.WriteAllTextAsync(go, "", TestContext.Current.CancellationToken);
        await slurm.IdleAsync(TestContext.Current.CancellationToken);
        var lines = await File.ReadAllLinesAsync(runs, TestContext.Current.CancellationToken);
        Assert.Equal(["0 0", "1 0", "1 1"], lines.Order(StringComparer.Ordinal));
    }

    private static async Task StatusAsync(TwoNodeSlurm slurm, string results, int done, int running, int waiting, int interrupted, int failed)
    {
        var status = JsonNode.Parse((await slurm.HoverFastAsync("cluster", "status", results, "--json")).Output)!;
        Assert.Equal(
            (done, running, waiting, interrupted, failed),
            ((int)status["done"]!, (int)status["running"]!, (int)status["waiting"]!, (int)status["interrupted"]!, (int)status["failed"]!));
    }

    /// <summary>
    /// The program as nodes start it: a held task is frozen once its first slide is done, and melts when it is asked to stop, unless it is deaf.
    /// </summary>
    private static string Program(string hold) => $$"""
        dotnet '{{Path.Combine(AppContext.BaseDirectory, "hoverfast.dll")}}' "$@" &
        child=$!
        asked=
        trap 'asked=1; kill -CONT $child; kill -TERM $child' TERM
        held="{{hold}}/$SLURM_ARRAY_TASK_ID"
        if [ -e "$held" ] && [ "${SLURM_RESTART_COUNT:-0}" = 0 ]; then
          until [ "$(cat "$3"/events/$SLURM_ARRAY_TASK_ID-*.jsonl 2>/dev/null | grep -c '"event":"started"')" = 2 ]; do sleep 0.01; done
          kill -STOP $child
          touch "$held.held"
          until [ -n "$asked" ]; do
            if [ -e "$held.deaf" ]; then
              kill -9 $child
              trap '' TERM
              while :; do sleep 1; done
            fi
            sleep 0.1
          done
        fi
        wait $child
        code=$?
        while kill -0 $child 2>/dev/null; do wait $child; code=$?; done
        exit $code
        """;
}
