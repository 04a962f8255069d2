using System.Diagnostics;
using HoverFast.Cli;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Cli;

/// <summary>Machines that have too little of something: one line, the right exit code, and the same command goes on where it has enough.</summary>
public sealed class LimitsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _picture;
    private readonly string _model;

    public LimitsTests()
    {
        _model = DarknessModel.Write(_folder.Path);
        _picture = _folder.File("a.png");
        DarkDiscs.Write(_picture, 300);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TooFewFileHandles()
    {
        // So few that the run time can start, and parts of the program can't be opened.
        var (code, _, errors) = await RunAsync("ulimit -n 60; \"$@\"", Segment());
        Assert.SkipWhen(errors.Contains("Failed to load", StringComparison.Ordinal) || code == 134, "this run time needs more files before the program begins");
        Assert.True(code == ExitCode.Success || Line(errors).Contains("ulimit -n", StringComparison.Ordinal), errors);
        await Again();
    }

    [Fact]
    public async Task AFolderThatIsGone()
    {
        var (code, _, errors) = await RunAsync("cd gone && rmdir ../gone && \"$@\"", ["segment", _picture, "--mpp", "0.25", "--model", _model], before: () =>
            Directory.CreateDirectory(_folder.File("gone")));
        Assert.Equal(ExitCode.CannotStart, code);
        Assert.Contains("folder that the program was started in is gone", Line(errors), StringComparison.Ordinal);

        // Whole paths need no working folder.
        (code, _, errors) = await RunAsync("cd gone && rmdir ../gone && \"$@\"", Segment(), before: () => Directory.CreateDirectory(_folder.File("gone")));
        Assert.True(code == ExitCode.Success, errors);
    }

    [Theory]
    [InlineData("\"$@\" >&-")]
    [InlineData("\"$@\" >/dev/full")]
    public async Task NoPlaceForStandardOutputDoesNotCostTheWork(string script)
    {
        var (code, _, errors) = await RunAsync(script, Segment());
        Assert.Equal(ExitCode.SomeFailed, code);
        Assert.Contains("standard output can't be written", Line(errors), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder.File("out"), "a.manifest.json")));
    }

    [Theory]
    [InlineData("\"$@\" 2>&-")]
    [InlineData("\"$@\" 2>/dev/full")]
    public async Task NoPlaceForErrorsChangesNothing(string script)
    {
        var (code, output, _) = await RunAsync(script, [.. Segment(), _folder.File("missing.png")]);
        Assert.Equal(ExitCode.SomeFailed, code);
        Assert.Contains("1 of 2 inputs failed", output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_folder.File("out"), "a.manifest.json")));
    }

    [Fact]
    public async Task AMissingFolderForTemporaryFilesIsNamed()
    {
        var (code, _, errors) = await RunAsync("TMPDIR=/nowhere \"$@\"", ["bench", _model, "--budget", "0", "--in-this-process"]);
        Assert.Equal(ExitCode.CannotStart, code);
        Assert.Contains("TMPDIR", Line(errors), StringComparison.Ordinal);
        (code, _, errors) = await RunAsync("TMPDIR=/nowhere \"$@\"", Segment());
        Assert.True(code == ExitCode.Success, errors);
    }

    [Fact]
    public async Task TooLittleMemoryIsOneLine()
    {
        // A picture of 8,000 x 8,000 pixels does not fit into a heap of 48 MiB.
        DarkDiscs.Write(_folder.File("large.png"), 5000);
        var (code, _, errors) = await RunAsync(
            "DOTNET_GCHeapHardLimit=0x3000000 \"$@\"",
            ["segment", _folder.File("large.png"), _picture, "-o", _folder.File("out"), "--mpp", "0.25", "--model", _model]);
        Assert.Equal(ExitCode.SomeFailed, code);
        Assert.Contains(errors.Split('\n'), l =>
            l.StartsWith("error: ", StringComparison.Ordinal) && l.Contains("not enough memory", StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);

        // The other picture is done all the same.
        Assert.True(File.Exists(Path.Combine(_folder.File("out"), "a.manifest.json")));
    }

    [Fact]
    public async Task LittleMemoryTakesFewerTilesAtOnceAndSaysSo()
    {
        DarkDiscs.Write(_folder.File("b.png"), 2000);
        string[] command = ["segment", _folder.File("b.png"), "--mpp", "0.25", "--threads", "8", "--tile-size", "2048", "--output", "geojson"];
        var (code, _, errors) = await RunAsync("DOTNET_GCHeapHardLimit=0x18000000 \"$@\"", [.. command, "-o", _folder.File("little")]);
        Assert.True(code == ExitCode.Success, errors);
        Assert.Contains(errors.Split('\n'), l => l.Contains("of 8 threads compute at once", StringComparison.Ordinal));
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync([.. command, "-o", _folder.File("ample")]));
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(_folder.File("ample"), "b.geojson.gz"), TestContext.Current.CancellationToken),
            await File.ReadAllBytesAsync(Path.Combine(_folder.File("little"), "b.geojson.gz"), TestContext.Current.CancellationToken));
    }

    private static string Line(string errors) =>
        Assert.Single(errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), l =>
            !l.StartsWith("note:", StringComparison.Ordinal) && !l.StartsWith("warning:", StringComparison.Ordinal));

    private string[] Segment() => ["segment", _picture, "-o", _folder.File("out"), "--mpp", "0.25", "--model", _model];

    private async Task Again() => Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(Segment()));

    private async Task<(int Code, string Output, string Errors)> RunAsync(string script, string[] args, Action? before = null)
    {
        Assert.SkipUnless(File.Exists("/bin/bash") && File.Exists("/dev/full"), "needs bash and Linux's /dev/full");
        before?.Invoke();
        var start = new ProcessStartInfo("/bin/bash")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = _folder.Path,
        };
        foreach (var argument in (string[])["-c", script, "limited", "dotnet", Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"), .. args])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output, errors);
    }
}
