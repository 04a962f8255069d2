using System.Net;
using System.Text.Json;
using HoverFast.Jobs;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Server.Slides;
using HoverFast.Slides;
using HoverFast.Synthetic;
using HoverFast.Tests;
using HoverFast.Tests.Cluster;
using Xunit;

namespace HoverFast.Server.Tests.Jobs;

/// <summary>Segmentations that are started from the page and done by a real Slurm of two nodes.</summary>
[Collection(nameof(TwoNodeSlurm))]
public sealed class SlurmRunnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Results => _folder.File("results");

    private string Slides => Directory.CreateDirectory(_folder.File("slides")).FullName;

    private string Hold => _folder.File("hold");

    /// <summary>The server is killed in the middle of a slide, and then asked to end: the cluster's job lives on, and each next server follows it.</summary>
    [Fact]
    public async Task AJobOutlivesTheServerAndComesToTheBytesOfALocalRun()
    {
        using var slurm = await TwoNodeSlurm.StartAsync();
        Draw("large", 6000);
        await File.WriteAllTextAsync(Hold, "", TestContext.Current.CancellationToken);
        string place;
        using (var server = await StartAsync(slurm))
        {
            await StartJobsAsync(server, "large");
            var job = await JobAsync(server, j => j.GetProperty("state").GetString() == "running" && File.Exists(Hold + ".held"));
            place = job.GetProperty("place").GetString()!;
            Assert.Matches(@"^Slurm \d+ on ", place);
            Assert.True(job.GetProperty("secondsLeft") is { ValueKind: JsonValueKind.Null } or { ValueKind: JsonValueKind.Number });
            server.Kill();
        }

        Assert.Equal("RUNNING", (await slurm.RunAsync("squeue", "--noheader", "--format=%T")).Trim());

        // As if it had been killed before it could note Slurm's number.
        File.Delete(Path.Combine(Assert.Single(Directory.GetDirectories(Path.Combine(Results, "cluster"))), "submitted"));
        using (var server = await StartAsync(slurm))
        {
            Assert.Equal(place, (await JobAsync(server, j => j.GetProperty("place").GetString() is not null)).GetProperty("place").GetString());
            server.Stop();
        }

        Assert.Equal("RUNNING", (await slurm.RunAsync("squeue", "--noheader", "--format=%T")).Trim());
        using (var server = await StartAsync(slurm))
        {
            File.Delete(Hold);
            var job = await JobAsync(server, j => j.GetProperty("state").GetString() != "running");
            Assert.Equal("done", job.GetProperty("state").GetString());
            Assert.Equal(Manifest.TryRead(Manifest.PathFor(Results, "large"))!.Counts.Nuclei, job.GetProperty("nuclei").GetInt64());
            Assert.Equal(
                job.GetProperty("nuclei").GetInt64(),
                (await server.NucleiAsync(SlideCatalogue.IdOf("large"))).GetProperty("count").GetInt64());
        }

        using var segmenter = new SlideSegmenter(settings: new SegmentSettings { Measurements = MeasurementChoice.All });
        await segmenter.SegmentAsync(Path.Combine(Slides, "large.svs"), _folder.File("local"), cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(_folder.File("local"), "large.geojson.gz"), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(Path.Combine(Results, "large.geojson.gz"), TestContext.Current.CancellationToken));

        // Slurm was given it once.
        Assert.Single(Directory.GetDirectories(Path.Combine(Results, "cluster")));
    }

    [Fact]
    public async Task WhatRunsAndWhatIsQueuedIsCancelledInSlurmAndGoesOnWhenItIsStartedAgain()
    {
        using var slurm = await TwoNodeSlurm.StartAsync();
        string[] names = ["a", "b", "c"];
        foreach (var name in names)
        {
            Draw(name, 6000);
        }

        await File.WriteAllTextAsync(Hold, "", TestContext.Current.CancellationToken);
        using var server = await StartAsync(slurm, "--sbatch=--exclusive");
        await StartJobsAsync(server, names);

        // Two nodes, each with one.
        await JobsAsync(
            server,
            j => j.Count(s => s.GetProperty("state").GetString() == "running") == 2
                && j.Count(s => s.GetProperty("state").GetString() == "waiting" && s.GetProperty("place").GetString() is not null) == 1
                && File.Exists(Hold + ".held"));
        var jobs = await JobsAsync(server, _ => true);
        var queued = jobs.Single(s => s.GetProperty("state").GetString() == "waiting");
        var running = jobs.First(s => s.GetProperty("state").GetString() == "running");
        foreach (var job in (JsonElement[])[queued, running])
        {
            var address = $"/api/jobs/{job.GetProperty("id").GetInt64()}";
            Assert.Equal(HttpStatusCode.Accepted, (await server.ChangeAsync(HttpMethod.Delete, address)).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await server.ChangeAsync(HttpMethod.Delete, address)).StatusCode);
        }

        File.Delete(Hold);
        await slurm.IdleAsync(TestContext.Current.CancellationToken);
        jobs = await JobsAsync(server, j => j.All(s => s.GetProperty("state").GetString() is "done" or "cancelled"));
        Assert.Equal(2, jobs.Count(s => s.GetProperty("state").GetString() == "cancelled"));
        Assert.Single(Directory.GetFiles(Results, "*.manifest.json"));

        await StartJobsAsync(server, queued.GetProperty("name").GetString()!, running.GetProperty("name").GetString()!);
        await JobsAsync(server, j => j.Count(s => s.GetProperty("state").GetString() == "done") == 3);
        Assert.Equal(3, Directory.GetFiles(Results, "*.manifest.json").Length);
    }

    /// <summary>Whatever goes wrong is told in a sentence: before Slurm, by Slurm, by the program, and by its absence.</summary>
    [Fact]
    public async Task AJobThatFailsTellsWhy()
    {
        using var slurm = await TwoNodeSlurm.StartAsync();
        SyntheticSlide.Write(Path.Combine(Slides, "unsized.svs"), new SyntheticSlideOptions { Size = new PixelSize(1000, 1000), Mpp = null });
        Draw("broken", 2048);
        BrokenSlide.Break(Path.Combine(Slides, "broken.svs"));
        using (var server = await StartAsync(slurm))
        {
            await StartJobsAsync(server, "unsized", "broken");
            var jobs = await JobsAsync(server, j => j.All(s => s.GetProperty("state").GetString() == "failed"));
            Assert.Contains("states no pixel size", MessageOf(jobs, "unsized"), StringComparison.Ordinal);
            Assert.DoesNotContain(_folder.File("."), MessageOf(jobs, "broken"), StringComparison.Ordinal);
            Assert.Contains("can't be read", MessageOf(jobs, "broken"), StringComparison.Ordinal);
        }

        Draw("whole", 1024);
        using (var server = await StartAsync(slurm, "--partition", "nowhere"))
        {
            await StartJobsAsync(server, "whole");
            Assert.Equal(
                "Slurm refuses it: Invalid partition name specified.",
                MessageOf(await JobsAsync(server, j => j[0].GetProperty("state").GetString() == "failed"), "whole"));
        }

        using (var server = await StartAsync(slurm, "--program", "no-such-program"))
        {
            await StartJobsAsync(server, "whole");
            var message = MessageOf(await JobsAsync(server, j => j[0].GetProperty("state").GetString() == "failed"), "whole");
            Assert.Matches(@"^Slurm's job \d+ ended before the slide was done \(FAILED\)", message);
        }
    }

    private static string MessageOf(IReadOnlyList<JsonElement> jobs, string name) =>
        jobs.First(s => s.GetProperty("name").GetString() == name).GetProperty("message").GetString()!;

    private void Draw(string name, int side) =>
        SyntheticSlide.Write(
            Path.Combine(Slides, name + ".svs"),
            new SyntheticSlideOptions { Size = new PixelSize(side, side), TissueFraction = 0.5, Pieces = 1, Seed = name[0] });

    private Task<ServerProcess> StartAsync(TwoNodeSlurm slurm, params string[] more)
    {
        // Stands still in its first slide while there is a file of this name; what is asked to stop while it stands still goes on to hear it.
        var program = _folder.File("hoverfast");
        File.WriteAllText(
            program,
            $$"""
            dotnet '{{Path.Combine(AppContext.BaseDirectory, "hoverfast.dll")}}' "$@" &
            child=$!
            trap 'rm -f "{{Hold}}.$child"; kill -CONT $child; kill -TERM $child' TERM
            if [ -e "{{Hold}}" ]; then
              until grep -qs '"started"' "$3"/events/*.jsonl && find '{{Results}}' -name '*.journal' -size +0 | grep -q .; do sleep 0.02; done
              kill -STOP $child
              touch "{{Hold}}.held" "{{Hold}}.$child"
              while [ -e "{{Hold}}" ] && [ -e "{{Hold}}.$child" ]; do sleep 0.1; done
              kill -CONT $child
            fi
            wait $child
            code=$?
            while kill -0 $child 2>/dev/null; do wait $child; code=$?; done
            exit $code
            """);
        string[] held = more.Contains("--program") ? [] : ["--program", "/bin/bash " + program];
        return ServerProcess.StartAsync(
            slurm.Environment, Results, Slides, ["--runner", "slurm", "--cpus", "1", "--threads", "1", "--mem", "1G", "--time", "10", .. held, .. more]);
    }

    private static async Task StartJobsAsync(RunningServer server, params string[] names) =>
        Assert.Equal(
            HttpStatusCode.Accepted,
            (await server.ChangeAsync(HttpMethod.Post, "/api/jobs", new { slides = names.Select(SlideCatalogue.IdOf) })).StatusCode);

    private static async Task<JsonElement> JobAsync(RunningServer server, Func<JsonElement, bool> isThere) =>
        (await JobsAsync(server, jobs => isThere(jobs[0])))[0];

    /// <summary>Waits until the jobs are so.</summary>
    private static async Task<IReadOnlyList<JsonElement>> JobsAsync(RunningServer server, Func<IReadOnlyList<JsonElement>, bool> areSo)
    {
        for (var looks = 0; ; looks++)
        {
            IReadOnlyList<JsonElement> jobs = [.. (await server.GetAsync("/api/jobs")).EnumerateArray()];
            if (areSo(jobs))
            {
                return jobs;
            }

            Assert.True(looks < 3000, $"after minutes: {JsonSerializer.Serialize(jobs)}");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
