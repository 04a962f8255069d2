using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json.Nodes;
using HoverFast.Cli;
using HoverFast.Cli.Commands;
using HoverFast.Output;
using HoverFast.Slides;
using HoverFast.Slides.Synthetic;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Cli;

public sealed class CommandLineTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public CommandLineTests() => _model = DarknessModel.Write(_folder.Path);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ABatchDoesWhatItCan()
    {
        var input = Directory.CreateDirectory(_folder.File("in")).FullName;
        Draw(Path.Combine(input, "good.png"), 600);
        await File.WriteAllTextAsync(Path.Combine(input, "text.png"), "this is no picture", TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(input, "empty.svs"), [], TestContext.Current.CancellationToken);
        var whole = await File.ReadAllBytesAsync(Path.Combine(input, "good.png"), TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(Path.Combine(input, "cut.png"), whole[..(whole.Length / 2)], TestContext.Current.CancellationToken);
        Blank(Path.Combine(input, "blank.png"));

        var output = _folder.File("out");
        Assert.Equal(ExitCode.SomeFailed, await Run("segment", input, "-o", output, "--model", _model, "--mpp", "0.25"));
        Assert.Equal(
            ((string[])["blank", "good"]).SelectMany(n => (string[])[n + ".geojson.gz", n + ".labels.png", n + ".manifest.json", n + ".overlay.png"]),
            Directory.EnumerateFiles(output).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.True(Nuclei(Path.Combine(output, "good.geojson.gz")) > 3);
        Assert.Equal(0, Nuclei(Path.Combine(output, "blank.geojson.gz")));
    }

    [Fact]
    public async Task ASlideThatFailsWhileItsOutputsAreMadeLeavesNothing()
    {
        var slide = SharedData.Require("slides", "unreadable.svs");
        var output = _folder.File("out");

        Assert.Equal(ExitCode.SomeFailed, await Run("segment", slide, "-o", output, "--model", _model, "--output", "geojson,overlay"));

        Assert.Empty(Directory.EnumerateFiles(output));
    }

    [Fact]
    public async Task LeavesFinishedResultsUntilSomethingChanges()
    {
        var input = _folder.File("a.png");
        Draw(input, 400);
        var output = _folder.File("out");
        var manifest = Path.Combine(output, "a.manifest.json");
        string[] command = ["segment", input, "-o", output, "--model", _model, "--mpp", "0.25"];
        Assert.Equal(ExitCode.Success, await Run(command));
        var first = File.GetLastWriteTimeUtc(manifest);
        Assert.Equal(ExitCode.Success, await Run(command));
        Assert.Equal(first, File.GetLastWriteTimeUtc(manifest));
        Assert.Equal(ExitCode.Success, await Run([.. command, "--min-area", "20"]));
        var second = File.GetLastWriteTimeUtc(manifest);
        Assert.NotEqual(first, second);
        Assert.Equal(ExitCode.Success, await Run([.. command, "--min-area", "20", "--force"]));
        Assert.NotEqual(second, File.GetLastWriteTimeUtc(manifest));
    }

    [Theory]
    [InlineData("segment")]
    [InlineData("segment", "a.png", "--mpp", "900")]
    [InlineData("segment", "a.png", "--output", "magic")]
    [InlineData("segment", "a.png", "--threads", "0")]
    [InlineData("nonsense")]
    public async Task RefusesWhatMakesNoSense(params string[] args) => Assert.Equal(ExitCode.Usage, await Run(args));

    [Fact]
    public async Task SaysThatTheModelIsMissing() => Assert.Equal(ExitCode.CannotStart, await Run("segment", "--sample", "-o", _folder.File("out"), "--model", _folder.File("gone.onnx")));

    [Fact]
    public async Task EstimatesCountAndAreaWell()
    {
        var input = _folder.File("a.png");
        Draw(input, 2400);
        using var model = HoverFast.Model.NucleusModel.Load(_model);
        var settings = new HoverFast.Pipeline.SegmentSettings { TileSize = 256 };
        var calibrator = new SlideCalibrator { Stated = new Mpp(0.25) };
        var estimate = await new HoverFast.Pipeline.SlideSegmenter(model, settings, calibrator).EstimateAsync(input, TestContext.Current.CancellationToken);
        Assert.InRange(estimate.Nuclei, 900 * 0.8, 900 * 1.2);
        Assert.Equal(0.36, estimate.TissueArea, 2);
        Assert.Equal(ExitCode.Success, await Run("estimate", input, "--model", _model, "--mpp", "0.25", "--price", "0.1"));
    }

    [Fact]
    public async Task BenchComparesModels()
    {
        var input = _folder.File("a.png");
        Draw(input, 600);
        var json = _folder.File("bench.json");
        Assert.Equal(ExitCode.Success, await Run("bench", _model, _model, "--input", input, "--mpp", "0.25", "--json", json));
        Assert.Equal(2, JsonNode.Parse(await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken))!.AsArray().Count);
    }

    [Fact]
    public async Task HoverFastsCommandLinesWriteItsFiles()
    {
        var rois = Directory.CreateDirectory(_folder.File("rois")).FullName;
        Draw(Path.Combine(rois, "one.png"), 512);
        var output = _folder.File("out");
        Assert.Equal(ExitCode.Success, await Run("infer_roi", Path.Combine(rois, "*png"), "-m", _model, "-p", "6", "-s", "85", "-st", "he", "-r", "500", "-g", "2", "-n", "1", "-w", "2", "-c", "limegreen", "-o", output));
        Assert.True(Nuclei(Path.Combine(output, "json", "one.json.gz")) > 3);
        Assert.Equal(new PixelSize(512, 512), RgbImageFile.Read(Path.Combine(output, "overlay", "one_overlay.png")).Size);
        Assert.True(LabelImageFile.Read(Path.Combine(output, "label_mask", "one_label_mask.png")).Labels.Max() > 3);
    }

    [Fact]
    public async Task KilledAtAnyMomentItGoesOnToTheSameBytes()
    {
        var slide = _folder.File("slide.svs");
        SyntheticSlide.Write(slide, new SyntheticSlideOptions { Size = new PixelSize(10000, 8000), Seed = 5, TissueFraction = 0.6 });
        string[] command = ["segment", slide, "--model", _model, "--tile-size", "256", "--threads", "1"];
        Assert.Equal(ExitCode.Success, await Run([.. command, "-o", _folder.File("whole")]));
        var expected = await File.ReadAllBytesAsync(Path.Combine(_folder.File("whole"), "slide.geojson.gz"), TestContext.Current.CancellationToken);

        var output = _folder.File("killed");
        var journal = Path.Combine(output, "slide.journal");
        var random = new Random(11);
        var kills = 0;
        for (var start = 0; start < 5 && (start == 0 || File.Exists(journal)); start++)
        {
            using var process = Start([.. command, "-o", output]);
            var enough = (File.Exists(journal) ? new FileInfo(journal).Length : 0) + random.Next(300, 3000);
            while (!process.HasExited && (!File.Exists(journal) || new FileInfo(journal).Length < enough))
            {
                await Task.Delay(5, TestContext.Current.CancellationToken);
            }

            kills += process.HasExited ? 0 : 1;
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        // A fast machine may be done before the fifth kill; a run without any would prove nothing.
        Assert.True(kills >= 2, $"killed {kills} times");
        Assert.Equal(ExitCode.Success, await Run([.. command, "-o", output]));
        Assert.Equal(expected, await File.ReadAllBytesAsync(Path.Combine(output, "slide.geojson.gz"), TestContext.Current.CancellationToken));
        Assert.False(File.Exists(journal));
        Assert.InRange((int)JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(output, "slide.manifest.json"), TestContext.Current.CancellationToken))!["counts"]!["tilesResumed"]!, 1, 10000);
    }

    [Fact]
    public async Task WritesEveryOutputInOnePass()
    {
        var input = _folder.File("a.png");
        Draw(input, 400);
        var output = _folder.File("out");
        Assert.Equal(ExitCode.Success, await Run("segment", input, "-o", output, "--model", _model, "--mpp", "0.25", "--measurements", "all", "--output", string.Join(',', OutputPlan.Names)));
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(output, "a.manifest.json"), TestContext.Current.CancellationToken))!;
        Assert.Equal(OutputPlan.Names.Count, manifest["outputs"]!.AsArray().Count);
        Assert.All(Directory.EnumerateFiles(output), f => Assert.True(new FileInfo(f).Length > 0, f));
    }

    [Fact]
    public async Task EvaluatesLabelFoldersAndModels()
    {
        var set = Directory.CreateDirectory(_folder.File("set")).FullName;
        Directory.CreateDirectory(Path.Combine(set, "images"));
        Draw(Path.Combine(set, "images", "a.png"), 400);
        var output = _folder.File("out");
        Assert.Equal(ExitCode.Success, await Run("segment", Path.Combine(set, "images"), "-o", output, "--model", _model, "--mpp", "0.25", "--output", "labels"));
        Directory.CreateDirectory(Path.Combine(set, "labels"));
        File.Copy(Path.Combine(output, "a.labels.png"), Path.Combine(set, "labels", "a.png"));
        var scores = _folder.File("scores.json");
        foreach (var how in (string[][])[["--predicted", output], ["--model", _model, "--mpp", "0.25"]])
        {
            Assert.Equal(ExitCode.Success, await Run(["evaluate", set, "--json", scores, .. how]));
            Assert.InRange((double)JsonNode.Parse(await File.ReadAllTextAsync(scores, TestContext.Current.CancellationToken))!["mean"]!["pq"]!["value"]!, 0.98, 1);
        }
    }

    private static Task<int> Run(params string[] args) => HoverFastCommand.RunAsync(args);

    private static Process Start(string[] args)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"));
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        return Process.Start(start)!;
    }

    private static int Nuclei(string path)
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        return JsonNode.Parse(text.ReadToEnd())!["features"]!.AsArray().Count;
    }

    /// <summary>Dark discs on pink.</summary>
    private static void Draw(string path, int size)
    {
        var picture = new RgbImage(size, size);
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                var dx = (x % 80) - 40;
                var dy = (y % 80) - 40;
                var inside = (dx * dx) + (dy * dy) < 225;
                var row = picture.Row(y);
                (row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]) = inside ? ((byte)70, (byte)50, (byte)130) : ((byte)220, (byte)160, (byte)200);
            }
        }

        RgbImageFile.WritePng(path, picture);
    }

    private static void Blank(string path)
    {
        var picture = new RgbImage(300, 300);
        picture.Span.Fill(244);
        RgbImageFile.WritePng(path, picture);
    }
}
