using System.Diagnostics;
using System.Text.Json.Nodes;
using HoverFast.Cli;
using HoverFast.Cli.Commands;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Cli;

/// <summary>A disk that fills up: the slide is reported, its outputs are whole or absent, the others are done, and the same command goes on.</summary>
public sealed class FullDiskTests : IDisposable
{
    private const string FullDevice = "/dev/full";
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public FullDiskTests() => _model = DarknessModel.Write(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("geojson", "b.geojson.gz")]
    [InlineData("csv", "b.csv")]
    [InlineData("parquet", "b.parquet")]
    [InlineData("labels", "b.labels.png")]
    [InlineData("overlay", "b.overlay.png")]
    [InlineData("overview", "b.overview.png")]
    public async Task SpoilsOneSlideAndNotTheBatch(string kind, string file)
    {
        Assert.SkipUnless(File.Exists(FullDevice), $"needs {FullDevice}, which Linux has");
        foreach (var name in (string[])["a", "b", "c"])
        {
            DarkDiscs.Write(_folder.File(name + ".png"), 400);
        }

        // Whatever is written to this device ends with "no space left".
        var output = Directory.CreateDirectory(_folder.File("out")).FullName;
        File.CreateSymbolicLink(Path.Combine(output, file + ".partial"), FullDevice);
        string[] command = ["segment", .. ((string[])["a.png", "b.png", "c.png"]).Select(_folder.File), "--model", _model, "--mpp", "0.25", "--output", kind];
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync([.. command, "-o", _folder.File("whole")]));

        Assert.Equal(ExitCode.SomeFailed, await HoverFastCommand.RunAsync([.. command, "-o", output]));

        var ending = file[1..];
        Assert.Equal(
            ((string[])["a" + ending, "a.manifest.json", "b.journal", "c" + ending, "c.manifest.json"]).Order(StringComparer.Ordinal),
            Directory.EnumerateFileSystemEntries(output).Select(Path.GetFileName).Order(StringComparer.Ordinal));

        // There is room again.
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync([.. command, "-o", output]));
        foreach (var name in (string[])["a", "b", "c"])
        {
            Assert.Equal(await Bytes(_folder.File("whole"), name + ending), await Bytes(output, name + ending));
        }

        Assert.True(await Resumed(output, "b") > 0);
    }

    [Fact]
    public async Task InTheMiddleOfASlideKeepsItsFinishedTiles()
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "needs bash, to limit the size of files");
        var slide = _folder.File("b.png");
        DarkDiscs.Write(slide, 2400);
        DarkDiscs.Write(_folder.File("a.png"), 400);
        DarkDiscs.Write(_folder.File("c.png"), 400);
        string[] command = ["segment", _folder.File("a.png"), slide, _folder.File("c.png"), "--model", _model, "--mpp", "0.25", "--output", "geojson", "--tile-size", "256"];
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync([.. command, "-o", _folder.File("whole")]));
        var output = _folder.File("out");

        // No file may grow beyond 60 kB: the slide's journal must, the pictures' results need not.
        var (code, errors) = await RunWithSmallFiles(60, [.. command, "-o", output]);

        Assert.Equal(ExitCode.SomeFailed, code);
        Assert.Contains(slide, errors, StringComparison.Ordinal);
        Assert.Equal(
            (string[])["a.geojson.gz", "a.manifest.json", "b.journal", "c.geojson.gz", "c.manifest.json"],
            Directory.EnumerateFileSystemEntries(output).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync([.. command, "-o", output]));
        Assert.Equal(await Bytes(_folder.File("whole"), "b.geojson.gz"), await Bytes(output, "b.geojson.gz"));
        Assert.True(await Resumed(output, "b") > 0);
    }

    private static async Task<(int Code, string Errors)> RunWithSmallFiles(int kilobytes, string[] args)
    {
        var start = new ProcessStartInfo("/bin/bash") { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        var dotnet = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        foreach (var arg in (string[])["-c", $"trap '' XFSZ; ulimit -f {kilobytes}; exec \"$@\"", "limited", dotnet, Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"), .. args])
        {
            start.ArgumentList.Add(arg);
        }

        // The runtime's own double mapping of code is a file too.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await output;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, errors);
    }

    private static Task<byte[]> Bytes(string folder, string name) => File.ReadAllBytesAsync(Path.Combine(folder, name), TestContext.Current.CancellationToken);

    private static async Task<int> Resumed(string folder, string name) =>
        (int)JsonNode.Parse(await Bytes(folder, name + ".manifest.json"))!["counts"]!["tilesResumed"]!;
}
