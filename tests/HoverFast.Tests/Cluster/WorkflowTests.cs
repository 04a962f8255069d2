using System.Text.RegularExpressions;
using HoverFast.Cli;
using HoverFast.Slides;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Guards;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Cluster;

/// <summary>The recipes for workflow managers under deploy/: Snakemake is run, of the others the command lines are read.</summary>
[Collection(nameof(TwoNodeSlurm))]
public sealed partial class WorkflowTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SnakemakeDoesEachSlideOnceAndABrokenOneStopsNoOther()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/snakemake"), "needs Debian's snakemake");
        var model = DarknessModel.Write(_folder.Path);
        var slides = Directory.CreateDirectory(_folder.File("slides")).FullName;
        DarkDiscs.Write(Path.Combine(slides, "a.png"), 400);
        DarkDiscs.Write(Path.Combine(slides, "b.png"), 400);
        await File.WriteAllTextAsync(Path.Combine(slides, "c.png"), "no picture", TestContext.Current.CancellationToken);
        var results = _folder.File("results");

        var first = await Snakemake(slides, results, model);

        Assert.True(first.ExitCode == 1, first.Error);
        string[] done = ["a.geojson.gz", "a.manifest.json", "b.geojson.gz", "b.manifest.json"];
        Assert.Equal(done, Directory.GetFiles(results).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Contains(
            "c.png",
            await File.ReadAllTextAsync(Path.Combine(results, "logs", "c.log"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal);

        // Mended: that one alone is made.
        File.Copy(Path.Combine(slides, "a.png"), Path.Combine(slides, "c.png"), overwrite: true);
        var finished = File.GetLastWriteTimeUtc(Path.Combine(results, "a.manifest.json"));
        var second = await Snakemake(slides, results, model);
        Assert.True(second.ExitCode == 0, second.Error);
        Assert.Equal(finished, File.GetLastWriteTimeUtc(Path.Combine(results, "a.manifest.json")));
        Assert.True(File.Exists(Path.Combine(results, "c.geojson.gz")));

        var third = await Snakemake(slides, results, model);
        Assert.Contains("Nothing to be done", third.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ANameThatSnakemakeWouldLetAShellReadIsRefused()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/snakemake"), "needs Debian's snakemake");
        var slides = Directory.CreateDirectory(_folder.File("slides")).FullName;
        await File.WriteAllTextAsync(Path.Combine(slides, "it's $(exit).png"), "", TestContext.Current.CancellationToken);
        var ended = await Snakemake(slides, _folder.File("results"), "none");
        Assert.Equal(1, ended.ExitCode);
        Assert.Contains("it's $(exit).png: no shell may read a name with an apostrophe", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SnakemakeTakesAVmsSlideAsOneAndRefusesBraces()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/snakemake"), "needs Debian's snakemake");
        var slides = Directory.CreateDirectory(_folder.File("slides")).FullName;
        await File.WriteAllTextAsync(
            Path.Combine(slides, "v.vms"),
            "[Virtual Microscope Specimen]\r\nImageFile=v.jpg\r\nMacroImage=v_macro.jpg\r\n",
            TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(slides, "v.jpg"), "", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(slides, "v_macro.jpg"), "", TestContext.Current.CancellationToken);
        var planned = await Snakemake(slides, _folder.File("results"), "none", "--dry-run");
        Assert.True(planned.ExitCode == 0, planned.Error);
        Assert.Single((planned.Output + planned.Error).Split('\n'), l => l == "rule segment:");

        await File.WriteAllTextAsync(Path.Combine(slides, "a {b}.png"), "", TestContext.Current.CancellationToken);
        var ended = await Snakemake(slides, _folder.File("results"), "none");
        Assert.Contains("a {b}.png: no name may hold { or }; rename it.", ended.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SnakemakeOnTwoNodesOfSlurmComesToTheBytesOfOneMachine()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/snakemake"), "needs Debian's snakemake");
        using var slurm = await TwoNodeSlurm.StartAsync();
        using var batch = new BatchOfSlides(6);

        // Names as people give them: no shell may take them apart, or run what they say.
        File.Move(Path.Combine(batch.Slides, "s00.svs"), Path.Combine(batch.Slides, "s 00 (one); $(exit).svs"));
        BatchOfSlides.Draw(Path.Combine(batch.Slides, "broken.svs"), 2048, 99);
        BrokenSlide.Break(Path.Combine(batch.Slides, "broken.svs"));
        var (alone, together) = (batch.File("alone"), batch.File("together"));
        Assert.Equal(ExitCode.SomeFailed, (await batch.SegmentAsync(alone)).ExitCode);

        string[] command =
        [
            "--profile",
            Path.Combine(Repository.Root, "deploy/snakemake/slurm"),
            "-s",
            Path.Combine(Repository.Root, "deploy/snakemake/Snakefile"),
            "--directory",
            _folder.Path,
            "--latency-wait",
            "5",
            "--config",
            $"slides={batch.Slides}",
            $"results={together}",
            $"hoverfast=dotnet {Path.Combine(AppContext.BaseDirectory, "hoverfast.dll")}",
            "threads=1",
            "memory=1000",
            "retries=0",
            $"options=--model {batch.Model}",
        ];
        var ended = await ChildProcess.RunAsync("/usr/bin/snakemake", command, slurm.Environment);

        // One job a slide, on both nodes; the broken slide stops no other.
        Assert.True(ended.ExitCode == 1, ended.Error);
        BatchOfSlides.RequireSameResults(alone, together, 6);
        var jobs = await slurm.RunAsync("squeue", "--noheader", "--states", "all", "--format", "%j %T %N");
        Assert.Equal(6, jobs.Split('\n').Count(j => j.Contains("COMPLETED", StringComparison.Ordinal)));
        Assert.Single(jobs.Split('\n'), j => j.Contains("hoverfast-broken FAILED", StringComparison.Ordinal));
        Assert.Contains(" n2", jobs, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSnakefileTakesTheEndingsOfSlides()
    {
        var lists = EndingsOfSnakefile().Match(File.ReadAllText(Path.Combine(Repository.Root, "deploy/snakemake/Snakefile")));
        var endings = Ending().Matches(lists.Value).Select(m => m.Value).ToList();

        // Of DICOM, a file is a level or less.
        Assert.Equal(Slide.Extensions.Where(e => e != ".dcm").Order(StringComparer.Ordinal), endings.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("COMPLETED", "success")]
    [InlineData("PENDING", "running")]
    [InlineData("COMPLETING", "running")]
    [InlineData("NODE_FAIL", "failed")]
    [InlineData("PREEMPTED", "failed")]
    [InlineData("REVOKED", "failed")]
    [InlineData("", "running")]
    public async Task WhatSlurmSaysOfAJobIsToldInSnakemakesWords(string state, string word)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/env") && File.Exists("/bin/bash"), "needs bash");
        foreach (var (command, says) in ((string, string)[])[("squeue", state), ("scontrol", ""), ("sacct", "")])
        {
            var path = _folder.File(command);
            await File.WriteAllTextAsync(path, $"#!/bin/sh\necho {says}\n", TestContext.Current.CancellationToken);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            }
        }

        var ended = await ChildProcess.RunAsync(
            "/bin/bash",
            [Path.Combine(Repository.Root, "deploy/snakemake/slurm/status.sh"), "7"],
            new Dictionary<string, string>(StringComparer.Ordinal) { ["PATH"] = _folder.Path + ":/usr/bin:/bin" });
        Assert.Equal(word, ended.Output.Trim());
    }

    [Theory]
    [InlineData("deploy/nextflow/modules/local/hoverfast/segment/main.nf")]
    [InlineData("deploy/kubernetes/hoverfast-job.yaml")]
    [InlineData("deploy/snakemake/Snakefile")]
    [InlineData("deploy/systemd/hoverfast-watch.service")]
    public void TheirCommandLinesAreUnderstood(string file)
    {
        var lines = File.ReadLines(Path.Combine(Repository.Root, file))
            .Select(l => CommandLine().Match(l))
            .Where(m => m.Success)
            .Select(m => m.Groups["rest"].Value)
            .ToList();
        Assert.NotEmpty(lines);
        foreach (var line in lines)
        {
            // What the manager fills in: a number where a number is due, else a name.
            var filled = line.Replace("\"$((JOB_COMPLETION_INDEX + 1))/40\"", "3/40", StringComparison.Ordinal)
                .Replace("/srv/scans", _folder.Path, StringComparison.Ordinal);
            filled = Threads().Replace(filled, "--threads 4");
            filled = Filled()
                .Replace(Redirection().Replace(filled, ""), m =>
                    m.Value.Contains("args", StringComparison.Ordinal) || m.Value.Contains("OPTIONS", StringComparison.Ordinal) ? "" : "name");
            var errors = HoverFastCommand.ErrorsOf(HoverFastCommand.Make().Parse(filled)).ToList();
            Assert.True(errors.Count == 0, $"{filled}: {string.Join(" ", errors)}");
        }
    }

    /// <summary>The program in one file ends at once where it can unpack its libraries neither there nor into a home folder.</summary>
    [Fact]
    public void TheServiceHasAPlaceToUnpackTheProgram()
    {
        var unit = File.ReadAllLines(Path.Combine(Repository.Root, "deploy/systemd/hoverfast-watch.service"));
        var cache = Assert.Single(unit, l => l.StartsWith("CacheDirectory=", StringComparison.Ordinal))["CacheDirectory=".Length..];
        Assert.Contains("ProtectHome=yes", unit);
        Assert.Contains("Environment=DOTNET_BUNDLE_EXTRACT_BASE_DIR=/var/cache/" + cache, unit);
    }

    [Fact]
    public async Task TheKubernetesJobIsWholeYaml()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "needs python3-yaml");
        const string Script = """
            import sys
            try:
                import yaml
            except ImportError:
                sys.exit(99)
            job = yaml.safe_load(open(sys.argv[1]))
            spec = job["spec"]
            container = spec["template"]["spec"]["containers"][0]
            mounts = {m["name"] for m in container["volumeMounts"]}
            assert job["kind"] == "Job" and spec["completionMode"] == "Indexed" and spec["template"]["spec"]["restartPolicy"] == "Never"
            assert mounts == {v["name"] for v in spec["template"]["spec"]["volumes"]}
            assert "/%d " % spec["completions"] in container["args"][0].replace('"', " ")
            assert spec["podFailurePolicy"]["rules"][0]["onExitCodes"]["containerName"] == container["name"]
            """;
        var ended = await ChildProcess.RunAsync("/usr/bin/python3", ["-c", Script, Path.Combine(Repository.Root, "deploy/kubernetes/hoverfast-job.yaml")]);
        Assert.SkipWhen(ended.ExitCode == 99, "needs python3-yaml");
        Assert.True(ended.ExitCode == 0, ended.Error);
    }

    private Task<ChildProcess.Ended> Snakemake(string slides, string results, string model, params string[] more) => ChildProcess.RunAsync(
        "/usr/bin/snakemake",
        [
            .. more, "-s", Path.Combine(Repository.Root, "deploy/snakemake/Snakefile"), "--cores", "2", "--keep-going", "--directory", _folder.Path, "--config",
            $"slides={slides}", $"results={results}", $"hoverfast=dotnet {Path.Combine(AppContext.BaseDirectory, "hoverfast.dll")}", "threads=1", "retries=0",
            $"options=--mpp 0.25 --tile-size 256 --no-tuning --model {model}",
        ]);

    [GeneratedRegex(@"(hoverfast|\{HOVERFAST\}) (?<rest>(segment|watch) [^>#]*)")]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"ENDINGS = \{[^}]*\}")]
    private static partial Regex EndingsOfSnakefile();

    [GeneratedRegex(@"\.[a-z]+")]
    private static partial Regex Ending();

    [GeneratedRegex(@"--threads \S+")]
    private static partial Regex Threads();

    [GeneratedRegex(@"\$?\{[^}]*\}|'\$\{[^}]*\}'")]
    private static partial Regex Filled();

    [GeneratedRegex(@"[>""].*$")]
    private static partial Regex Redirection();
}
