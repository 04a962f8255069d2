using System.Diagnostics;
using System.Text.Json.Nodes;
using HoverFast.Cli;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Cli;

/// <summary>A disk that fills up: the slide is reported, its outputs are whole or absent, the others are done, and the same command goes on.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public FullDiskTests() => _model = DarknessModel.Write(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("geojson", ".geojson.gz")]
    [InlineData("csv", ".csv")]
    [InlineData("parquet", ".parquet")]
    [InlineData("labels", ".labels.png")]
    [InlineData("overlay", ".overlay.png")]
    [InlineData("overview", ".overview.png")]
    public async Task SpoilsOneSlideAndNotWhatIsDone(string kind, string ending)
    {
        DarkDiscs.Write(_folder.File("a.png"), 400);
        DarkDiscs.Write(_folder.File("b.png"), 400);
        DarkDiscs.Write(_folder.File("c.png"), 1600);
        string[] command =
        [
            "segment",
            .. ((string[])["a.png", "b.png", "c.png"]).Select(_folder.File),
            "--model",
            _model,
            "--mpp",
            "0.25",
            "--output",
            kind,
            "--tile-size",
            "256",
        ];
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync([.. command, "-o", _folder.File("whole")]));

        // Room for two pictures and a little of the third.
        var room =
            40 + Directory.EnumerateFiles(_folder.File("whole")).Where(f => Path.GetFileName(f)[0] < 'c').Sum(f => (new FileInfo(f).Length + 4095) / 4096 * 4);
        var (code, files) = await RunOnSmallDisk(room, _folder.File("out"), [.. command, "-o", _folder.File("out")]);

        Assert.Equal(ExitCode.SomeFailed, code);
        Assert.Equal(
            ((string[])["a" + ending, "a.manifest.json", "b" + ending, "b.manifest.json", "c.journal"]).Order(StringComparer.Ordinal),
            files.Order(StringComparer.Ordinal));

        // There is room again: what was copied from the disk after a second run.
        foreach (var name in (string[])["a", "b", "c"])
        {
            Assert.Equal(await Bytes(_folder.File("whole"), name + ending), await Bytes(_folder.File("copy"), name + ending));
        }

        Assert.True(await Resumed(_folder.File("copy"), "c") > 0);
    }

    [Fact]
    public async Task InTheMiddleOfASlideKeepsItsFinishedTiles()
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "needs bash, to limit the size of files");
        var slide = _folder.File("b.png");
        DarkDiscs.Write(slide, 2400);
        DarkDiscs.Write(_folder.File("a.png"), 400);
        DarkDiscs.Write(_folder.File("c.png"), 400);
        string[] command =
        [
            "segment",
            _folder.File("a.png"),
            slide,
            _folder.File("c.png"),
            "--model",
            _model,
            "--mpp",
            "0.25",
            "--output",
            "geojson",
            "--tile-size",
            "256",
        ];
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

    /// <summary>Not even the journal's head has room: no empty one stays, which the next run would be told to go on from.</summary>
    [Fact]
    public async Task WithoutRoomForAJournalLeavesNothing()
    {
        DarkDiscs.Write(_folder.File("a.png"), 400);
        string[] command = ["segment", _folder.File("a.png"), "--model", _model, "--mpp", "0.25", "--write", "csv", "-o", _folder.File("out")];
        var (code, files) = await RunOnSmallDisk(4, _folder.File("out"), command);
        Assert.Equal(ExitCode.SomeFailed, code);
        Assert.Empty(files);
    }

    /// <summary>A lock that names nobody would be waited for as if another run were under way.</summary>
    [Fact]
    public async Task WithoutRoomForALockLeavesNone()
    {
        Assert.SkipUnless(File.Exists("/bin/bash"), "needs bash, to limit the size of files");
        DarkDiscs.Write(_folder.File("a.png"), 400);
        var (code, errors) = await RunWithSmallFiles(
            0,
            ["segment", _folder.File("a.png"), "--model", _model, "--mpp", "0.25", "--write", "csv", "-o", _folder.File("out")]);
        Assert.True(code == ExitCode.SomeFailed, errors);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.File("out")));
    }

    /// <summary>Runs on a disk in memory that is too small, lists it, makes it larger, runs again, and copies its files to "copy".</summary>
    private async Task<(int Code, string[] Files)> RunOnSmallDisk(long kilobytes, string disk, string[] args)
    {
        Directory.CreateDirectory(disk);
        Directory.CreateDirectory(_folder.File("copy"));
        const string Script = """
            disk=$1; room=$2; list=$3; copy=$4; shift 4
            mount -t tmpfs -o size=${room}k none "$disk" || exit 99
            "$@"; code=$?
            ls -A "$disk" > "$list"
            mount -o remount,size=256m "$disk"
            "$@" || exit 98
            cp "$disk"/* "$copy"
            exit $code
            """;
        var list = _folder.File("list");
        var start = new ProcessStartInfo("unshare")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (
            var arg in (string[])
                [
                    "-rm",
                    "/bin/bash",
                    "-c",
                    Script,
                    "small",
                    disk,
                    $"{kilobytes}",
                    list,
                    _folder.File("copy"),
                    Dotnet(),
                    Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"),
                    .. args,
                ])
        {
            start.ArgumentList.Add(arg);
        }

        var (code, errors) = await RunAsync(start);
        Assert.SkipWhen(code == 99 || errors.StartsWith("unshare:", StringComparison.Ordinal), "needs the right to mount a disk in memory (unshare -rm)");
        return (code, await File.ReadAllLinesAsync(list, TestContext.Current.CancellationToken));
    }

    private static string Dotnet() => Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";

    private static async Task<(int Code, string Errors)> RunAsync(ProcessStartInfo start)
    {
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (99, $"{start.FileName}: missing");
        }

        using (process)
        {
            var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await output;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return (process.ExitCode, errors);
        }
    }

    private static async Task<(int Code, string Errors)> RunWithSmallFiles(int kilobytes, string[] args)
    {
        var start = new ProcessStartInfo("/bin/bash")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (
            var arg in (string[])
                [
                    "-c",
                    $"trap '' XFSZ; ulimit -f {kilobytes}; exec \"$@\"",
                    "limited",
                    Dotnet(),
                    Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"),
                    .. args,
                ])
        {
            start.ArgumentList.Add(arg);
        }

        // The runtime's own double mapping of code is a file too.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        return await RunAsync(start);
    }

    private static Task<byte[]> Bytes(string folder, string name) => File.ReadAllBytesAsync(Path.Combine(folder, name), TestContext.Current.CancellationToken);

    private static async Task<int> Resumed(string folder, string name) =>
        (int)JsonNode.Parse(await Bytes(folder, name + ".manifest.json"))!["counts"]!["tilesResumed"]!;
}
