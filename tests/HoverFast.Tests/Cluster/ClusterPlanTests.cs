using System.CommandLine;
using System.Text.Json.Nodes;
using HoverFast.Cli;
using HoverFast.Cli.Options;
using HoverFast.Cluster.Slurm;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Cluster;

/// <summary>Planning needs no Slurm.</summary>
public sealed class ClusterPlanTests : IDisposable
{
    private readonly BatchOfSlides _batch = new(3);

    public void Dispose() => _batch.Dispose();

    [Fact]
    public async Task ADryRunWritesPlanAndScriptAndSaysWhatCanNotBeRead()
    {
        var results = _batch.File("it's here");
        await File.WriteAllTextAsync(Path.Combine(_batch.Slides, "text.svs"), "this is no slide", TestContext.Current.CancellationToken);
        var ended = await ChildProcess.HoverFastAsync(
            "cluster", "submit", _batch.Slides, "-o", results, "--dry-run", "--model", _batch.Model, "--cpus", "2",
            "--max-tasks", "7", "--partition", "cpu", "--time", "1-00:30", "--min-area", "7", "--sbatch=--constraint=avx512", "--price", "0.5");
        Assert.Equal(ExitCode.SomeFailed, ended.ExitCode);
        Assert.Contains($"error: {Path.Combine(_batch.Slides, "text.svs")}: ", ended.Error, StringComparison.Ordinal);
        Assert.Matches(@"(?s)3 slides, .* in 1 tasks of 2 cores.*core hours, which cost 0\.00.*nothing was submitted.*1 inputs can't be done", ended.Output);

        var job = Assert.Single(JobFolder.Of(results));
        var plan = job.ReadPlan();
        Assert.Equal(["--min-area", "7", "--model", _batch.Model], plan.Arguments);
        Assert.Equal("text", Assert.Single(plan.Refused).Name);
        Assert.True(plan.Versions.ContainsKey("hoverfast") && plan.Model.Contains("SHA-256", StringComparison.Ordinal));
        Assert.Null(job.SlurmId);

        var script = await File.ReadAllTextAsync(job.Script, TestContext.Current.CancellationToken);
        foreach (
            var line in (string[])[
                "--array=0-0%7",
                "--cpus-per-task=2",
                "--time=1-00:30",
                "--partition=cpu",
                "--constraint=avx512",
                "--requeue",
                "--signal=B:TERM@60",
                $"--output=\"{job.Path}/logs/%a.log\""])
        {
            Assert.Contains("#SBATCH " + line + "\n", script, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await ChildProcess.RunAsync("/bin/bash", ["-n", job.Script])).ExitCode);

        // A task runs by hand, anywhere, and a failure is noted and not its own.
        var task = await ChildProcess.HoverFastAsync("cluster", "task", job.Path, "--task", "0");
        Assert.True(task.ExitCode == ExitCode.Success, task.Error);
        var status = JsonNode.Parse((await ChildProcess.HoverFastAsync("cluster", "status", results, "--json")).Output)!;
        Assert.Equal((4, 3, 1), ((int)status["slides"]!, (int)status["done"]!, (int)status["failed"]!));

        // A result that is deleted is not done.
        File.Delete(Path.Combine(results, "s01.manifest.json"));
        Assert.Contains(
            "4 slides of 1 jobs: 1 waiting, 0 running, 0 interrupted, 2 done, 1 failed",
            (await ChildProcess.HoverFastAsync("cluster", "status", results)).Output,
            StringComparison.Ordinal);
    }

    /// <summary>Tasks run in other folders than the one that a job was submitted from.</summary>
    [Fact]
    public void FoldersOfModelsAreNamedWithTheirPlace()
    {
        var folder = Directory.CreateDirectory(_batch.File("registry")).FullName;
        var command = new Command("submit");
        new BatchOptions().AddTo(command);
        var parsed = command.Parse(["--model", Path.GetRelativePath(Environment.CurrentDirectory, folder), "--second-model", "hoverfast-he", "--write", "maps"]);

        Assert.Equal(["--write", "maps", "--second-model", "hoverfast-he", "--model", folder], BatchOptions.Given(parsed));
    }

    [Fact]
    public async Task TimesAreMeasuredAtThePixelSizeThatIsGiven()
    {
        var pictures = Directory.CreateDirectory(_batch.File("pictures")).FullName;
        DarkDiscs.Write(Path.Combine(pictures, "a.png"), 400);
        DarkDiscs.Write(Path.Combine(pictures, "b.png"), 400);
        var results = _batch.File("out");
        var ended = await ChildProcess.HoverFastAsync(
            "cluster", "submit", pictures, "-o", results, "--dry-run", "--model", _batch.Model, "--mpp", "0.5", "--threads", "1");

        // Pictures state no pixel size: without the one that is given none of them is measured.
        Assert.True(ended.ExitCode == ExitCode.Success, ended.Error);
        Assert.StartsWith("from parts of 2 slides ", Assert.Single(JobFolder.Of(results)).ReadPlan().Estimate, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATaskThatIsStartedAgainDoesNothingTwiceThatItWasForcedToDo()
    {
        var results = _batch.File("out");
        Assert.Equal(ExitCode.Success, (await _batch.SegmentAsync(results)).ExitCode);
        var submitted = await ChildProcess.HoverFastAsync(
            "cluster", "submit", _batch.Slides, "-o", results, "--dry-run", "--model", _batch.Model, "--threads", "1", "--write", "geojson", "--force");
        Assert.True(submitted.ExitCode == ExitCode.Success, submitted.Error);
        var job = Assert.Single(JobFolder.Of(results));

        // What stood before the job was made is done again, and that once.
        foreach (var expected in (string[])["done", "kept"])
        {
            var task = await ChildProcess.HoverFastAsync("cluster", "task", job.Path, "--task", "0", "--log", "json");
            Assert.True(task.ExitCode == ExitCode.Success, task.Error);
            var events = task.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => (string)JsonNode.Parse(l)!["event"]!);
            Assert.Equal([expected, expected, expected], events.Where(e => e != "started"));
        }
    }

    [Fact]
    public async Task WithoutSlurmThePlanIsKeptAndTheWayOutTold()
    {
        var ended = await ChildProcess.HoverFastAsync(
            new Dictionary<string,
            string>(StringComparer.Ordinal) { ["PATH"] = Path.GetDirectoryName(await DotnetAsync())! },
            "cluster",
            "submit",
            _batch.Slides,
            "-o",
            _batch.File("out"),
            "--model",
            _batch.Model);
        Assert.Equal(ExitCode.CannotStart, ended.ExitCode);
        Assert.Contains("sbatch is not there, so nothing was submitted", ended.Error, StringComparison.Ordinal);
        Assert.Single(JobFolder.Of(_batch.File("out")));
    }

    [Theory]
    [InlineData("--time", "soon")]
    [InlineData("--time", "0")]
    [InlineData("--partition", "a\n#SBATCH --uid=0")]
    [InlineData("--account", "a b")]
    [InlineData("--mem", "-4G")]
    [InlineData("--sbatch", "rm -rf /")]
    [InlineData("--sbatch", "--comment=$(id)")]
    public async Task WhatSlurmWouldNotUnderstandIsRefused(string option, string value)
    {
        var ended = await ChildProcess.HoverFastAsync("cluster", "submit", _batch.Slides, "-o", _batch.File("out"), $"{option}={value}");
        Assert.Equal(ExitCode.Usage, ended.ExitCode);
        Assert.Contains(option, ended.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("90", 90)]
    [InlineData("30:30", 30.5)]
    [InlineData("2:00:00", 120)]
    [InlineData("1-12", 36 * 60)]
    [InlineData("1-12:30", (36 * 60) + 30)]
    [InlineData("0-0:1:30", 1.5)]
    public void TimesAreReadAsSlurmDoes(string text, double minutes) => Assert.Equal(minutes, SlurmRequest.ParseTime(text)!.Value.TotalMinutes, 9);

    // The tests' own PATH may lead over links.
    private static async Task<string> DotnetAsync() => (await ChildProcess.RunAsync("/bin/bash", ["-c", "readlink -f \"$(command -v dotnet)\""])).Output.Trim();
}
