using HoverFast.Cli;
using HoverFast.Tests;
using Xunit;

namespace HoverFast.Server.Tests.Jobs;

/// <summary>Where segmentations run is settled before the server listens; no Slurm is needed for that.</summary>
public sealed class RunnerChoiceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("--runner pbs", ExitCode.Usage, "pbs")]
    [InlineData("--partition cpu", ExitCode.Usage, "--partition is for --runner slurm.")]
    [InlineData("--runner local --cpus 2", ExitCode.Usage, "--cpus is for --runner slurm.")]
    [InlineData("--runner slurm --time soon", ExitCode.Usage, "--time takes")]
    [InlineData("--runner slurm --cpus 0", ExitCode.Usage, "--cpus")]
    [InlineData("--runner slurm", ExitCode.CannotStart, "sbatch is not on PATH")]
    public async Task WhatCannotBeIsSaidAtOnce(string options, int code, string problem)
    {
        var ended = await ServerProcess.RunAsync(
            Path(""),
            null,
            [_folder.File("results"), "--slides", _folder.File("."), "--port", "0", .. options.Split(' ')]);
        Assert.Equal(code, ended.ExitCode);
        Assert.Contains(problem, ended.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder.File("results")));
    }

    [Fact]
    public async Task ASlurmThatIsNotSetUpSpeaksForItself()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs scripts of a shell");
        var ended = await ServerProcess.RunAsync(
            Path("echo 'sbatch: error: no configuration' >&2; exit 1"),
            null,
            [_folder.File("results"), "--slides", _folder.File("."), "--port", "0", "--runner", "slurm"]);
        Assert.Equal((ExitCode.CannotStart, true), (ended.ExitCode, ended.Error.Contains("no configuration", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task TheServerStartsWhereSlurmIs()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs scripts of a shell");
        using var server = await ServerProcess.StartAsync(Path("echo slurm-wlm 22.05.8"), _folder.File("results"), _folder.File("."), "--runner", "slurm");
        Assert.Equal(0, (await server.GetAsync("/api/jobs")).GetArrayLength());
    }

    /// <summary>A PATH with nothing but an sbatch, or not even that.</summary>
    private Dictionary<string, string> Path(string script)
    {
        var bin = Directory.CreateDirectory(_folder.File("bin")).FullName;
        if (script.Length > 0 && !OperatingSystem.IsWindows())
        {
            var sbatch = System.IO.Path.Combine(bin, "sbatch");
            File.WriteAllText(sbatch, "#!/bin/sh\n" + script + "\n");
            File.SetUnixFileMode(sbatch, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return new(StringComparer.Ordinal) { ["PATH"] = bin };
    }
}
