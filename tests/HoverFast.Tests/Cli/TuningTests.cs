using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using HoverFast.Cli;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Synthetic;
using Xunit;

namespace HoverFast.Tests.Cli;

public sealed class TuningTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Tests must not depend on what was measured on the machine before.</summary>
    [ModuleInitializer]
    internal static void ForgetThisMachine() =>
        Environment.SetEnvironmentVariable(Tuning.FolderVariable, Path.Combine(Path.GetTempPath(), "hoverfast-no-configuration"));

    [Fact]
    public void RemembersWhatHoldsForThisMachineAlone()
    {
        var path = _folder.File(Path.Combine("config", "tuning.json"));
        var tuning = Some();
        Assert.Null(Tuning.TryRead(path, "a machine"));
        tuning.Write(path);

        var read = Tuning.TryRead(path, "a machine");
        Assert.Equal((tuning.Threads, tuning.TileSize, tuning.OnnxRuntime, tuning.Model), (read!.Threads, read.TileSize, read.OnnxRuntime, read.Model));
        Assert.Equal(tuning.Trials, read.Trials);
        Assert.Null(Tuning.TryRead(path, "another machine"));

        File.WriteAllText(path, File.ReadAllText(path).Replace("\"threads\": 3", "\"threads\": 0", StringComparison.Ordinal));
        Assert.Null(Tuning.TryRead(path, "a machine"));
        File.WriteAllText(path, "{ half");
        Assert.Null(Tuning.TryRead(path, "a machine"));
    }

    [Fact]
    public async Task ASlideThatIsNotThereIsToldAndNotDrawn()
    {
        Assert.Equal(ExitCode.CannotStart, await RunAsync("tune", "--input", _folder.File("typo.svs"), "--seconds", "0", "--threads", "1"));
        Assert.False(File.Exists(_folder.File("typo.svs")));
        Assert.False(Directory.Exists(_folder.File("config")));
    }

    [Fact]
    public async Task SegmentUsesWhatTuneFound()
    {
        var slide = _folder.File("slide.svs");
        SyntheticSlide.Write(slide, new SyntheticSlideOptions { Size = new PixelSize(1024, 1024), TissueFraction = 1 });
        Assert.Equal(ExitCode.Success, await RunAsync("tune", "--input", slide, "--seconds", "0", "--threads", "1"));
        var tuning = JsonNode.Parse(await File.ReadAllTextAsync(_folder.File(Path.Combine("config", "tuning.json")), TestContext.Current.CancellationToken))!;
        Assert.Equal(1, (int)tuning["threads"]!);
        Assert.True(tuning["trials"]!.AsArray().Count > 3);

        Assert.Equal(ExitCode.Success, await RunAsync("segment", slide, "-o", _folder.File("tuned")));
        Assert.Equal(ExitCode.Success, await RunAsync("segment", slide, "-o", _folder.File("given"), "--tile-size", "640"));
        Assert.Equal(ExitCode.Success, await RunAsync("segment", slide, "-o", _folder.File("plain"), "--no-tuning"));
        var tuned = await ManifestAsync("tuned");
        Assert.Equal((int)tuning["tileSize"]!, (int)tuned["settings"]!["tileSize"]!);
        Assert.Equal(1, (int)tuned["effort"]!["threads"]!);
        Assert.Contains((string)tuning["model"]!, (string)tuned["effort"]!["tuning"]!, StringComparison.Ordinal);
        Assert.Equal(640, (int)(await ManifestAsync("given"))["settings"]!["tileSize"]!);
        Assert.Null((await ManifestAsync("plain"))["effort"]!["tuning"]);
    }

    private static Tuning Some() => new()
    {
        Machine = "a machine",
        Measured = DateTimeOffset.UnixEpoch,
        Model = NucleusModel.DefaultName,
        OnnxRuntime = true,
        Threads = 3,
        TileSize = 1536,
        SquareMillimetresPerSecond = 2.5,
        Trials = [new TuningTrial(NucleusModel.DefaultName, "an engine", 3, 1536, 2.5, 1 << 20)],
    };

    private async Task<JsonNode> ManifestAsync(string output) =>
        JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_folder.File(output), "slide.manifest.json"), TestContext.Current.CancellationToken))!;

    /// <summary>In a process with a configuration folder of its own.</summary>
    private async Task<int> RunAsync(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false };
        start.Environment[Tuning.FolderVariable] = _folder.File("config");
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"));
        foreach (var argument in args)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode;
    }
}
