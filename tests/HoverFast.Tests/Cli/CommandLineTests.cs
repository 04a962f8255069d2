using System.Diagnostics;
using System.IO.Compression;
using System.Text.Json.Nodes;
using HoverFast.Cli;
using HoverFast.Cli.Options;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Synthetic;
using HoverFast.Tests.Pipeline;
using HoverFast.Tests.Slides;
using Parquet;
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
        DarkDiscs.Write(Path.Combine(input, "good.png"), 600);
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
        var slide = _folder.File("large.svs");
        SyntheticSlide.Write(slide, new SyntheticSlideOptions { Size = new PixelSize(9000, 8000), TissueFraction = 0.01 });
        var output = _folder.File("out");

        // Too large for an overlay, which the GeoJSON before it can't know.
        Assert.Equal(ExitCode.SomeFailed, await Run("segment", slide, "-o", output, "--model", _model, "--output", "geojson,overlay"));

        Assert.Empty(Directory.EnumerateFiles(output));
    }

    [Fact]
    public async Task ADamagedSlideFailsAsAWholeOrIsReadWithoutTheDamage()
    {
        var slide = SharedData.Require("slides", "unreadable.svs");
        var output = _folder.File("out");
        string[] command = ["segment", slide, "-o", output, "--model", _model, "--output", "geojson,overlay,overview"];

        Assert.Equal(ExitCode.SomeFailed, await Run(command));
        Assert.Empty(Directory.EnumerateFiles(output));

        Assert.Equal(ExitCode.Success, await Run([.. command, "--skip-corrupt"]));
        Assert.Equal(4, Directory.EnumerateFiles(output).Count());
        Assert.NotEmpty(
            JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(output, "unreadable.manifest.json"), TestContext.Current.CancellationToken))![
                "corruptRegions"
            ]!.AsArray());
    }

    /// <summary>A pixel size that is given counts for a slide that states another too, and a warning tells both.</summary>
    [Fact]
    public async Task APixelSizeGivenAgainstTheFilesIsTold()
    {
        var (picture, slide, output) = (_folder.File("a.png"), _folder.File("b.svs"), _folder.File("out"));
        DarkDiscs.Write(picture, 400);
        var tiff = new TestTiff();
        tiff.Add(RgbImageFile.Read(picture)).Tags[270] = "Aperio X|MPP = 0.5";
        await File.WriteAllBytesAsync(slide, tiff.ToBytes(), TestContext.Current.CancellationToken);

        Assert.Equal(ExitCode.Success, await Run(["segment", slide, picture, "-o", output, "--model", _model, "--mpp", "0.25", "--output", "geojson"]));
        var manifest = Manifest("b");
        Assert.Equal((0.25, "given"), ((double)manifest["slide"]!["mpp"]!, (string)manifest["slide"]!["mppSource"]!));
        Assert.Contains(
            manifest["warnings"]!.AsArray(),
            w => ((string)w!).Contains("states 0.5000 um/px (Aperio MPP); 0.2500 um/px was given", StringComparison.Ordinal));
        Assert.DoesNotContain(Manifest("a")["warnings"]!.AsArray(), w => ((string)w!).Contains("was given", StringComparison.Ordinal));

        JsonNode Manifest(string name) => JsonNode.Parse(File.ReadAllText(Path.Combine(output, name + ".manifest.json")))!;
    }

    [Fact]
    public async Task AnOverlayOfOtherColoursIsMadeAnew()
    {
        var (picture, output) = (_folder.File("a.png"), _folder.File("out"));
        DarkDiscs.Write(picture, 400);
        string[] command = ["segment", picture, "-o", output, "--model", _model, "--mpp", "0.25", "--write"];
        Assert.Equal(ExitCode.Success, await Run([.. command, "overlay"]));
        var plain = RgbImageFile.Read(Path.Combine(output, "a.overlay.png"));
        Assert.Equal(ExitCode.Success, await Run([.. command, "overlay", "--overlay-by", "match-probability"]));
        var coloured = RgbImageFile.Read(Path.Combine(output, "a.overlay.png"));
        Assert.Equal((400, 400), (plain.Height, plain.Width));
        Assert.True(coloured.Height > plain.Height);
        Assert.Equal(ExitCode.Usage, await Run([.. command, "csv", "--overlay-by", "match-probability"]));
    }

    [Fact]
    public async Task LeavesFinishedResultsUntilSomethingChanges()
    {
        var input = _folder.File("a.png");
        DarkDiscs.Write(input, 400);
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
    [InlineData("segment", "a.png", "--mask-dir", "gone")]
    [InlineData("segment", "a.png", "--region", "gone.geojson")]
    [InlineData("segment", "a.png", "--mpp-table", "gone.csv")]
    [InlineData("segment", "a.png", "--tilesize", "512")]
    [InlineData("infer_wsi", "a.svs", "-b", "gone")]
    [InlineData("nonsense")]
    public async Task RefusesWhatMakesNoSense(params string[] args) => Assert.Equal(ExitCode.Usage, await Run(args));

    [Theory]
    [InlineData]
    [InlineData("segment")]
    [InlineData("evaluate")]
    [InlineData("compare")]
    [InlineData("model")]
    [InlineData("model", "info")]
    [InlineData("model", "import")]
    [InlineData("sample")]
    [InlineData("doctor")]
    [InlineData("estimate")]
    [InlineData("bench")]
    [InlineData("tune")]
    [InlineData("infer_wsi")]
    [InlineData("infer_roi")]
    public async Task HelpsWhoHasGivenNothingElseYet(params string[] command) => Assert.Equal(ExitCode.Success, await Run([.. command, "--help"]));

    [Theory]
    [InlineData("'hoverfast --help' tells", "nonsense")]
    [InlineData("'hoverfast segment --help' tells", "segment", "--nonsense")]
    [InlineData("'hoverfast cluster submit --help' tells", "cluster", "submit", "--nonsense")]
    public void WhoErredIsShownTheHelpOfTheirCommand(string hint, params string[] command) =>
        Assert.StartsWith(hint, HoverFastCommand.HintOf(HoverFastCommand.Make().Parse(command).CommandResult.Command), StringComparison.Ordinal);

    /// <summary>The sample's pixel size would be taken for the other inputs' too.</summary>
    [Fact]
    public void TheSampleIsSegmentedAlone()
    {
        var errors = HoverFastCommand.ErrorsOf(HoverFastCommand.Make().Parse(["segment", "a.svs", "--sample", "-o", _folder.File("out")]));
        Assert.Contains("nothing else", Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--tiles is for slides", "--tiles", ".")]
    [InlineData("--tissue is for slides", "--tissue", "0.5")]
    [InlineData("--size is for pictures", "--slide", "2048x2048", "--size", "512")]
    public void ASampleTakesNoOptionThatDoesNothing(string error, params string[] options) => Assert.StartsWith(
        error,
        Assert.Single(HoverFastCommand.ErrorsOf(HoverFastCommand.Make().Parse(["sample", .. options]))),
        StringComparison.Ordinal);

    [Fact]
    public async Task MoreViewsAreAnotherResultAndTheManifestSaysSo()
    {
        var input = _folder.File("a.png");
        DarkDiscs.Write(input, 400);
        var output = _folder.File("out");
        string[] command = ["segment", input, "-o", output, "--model", _model, "--mpp", "0.25"];
        Assert.Equal(ExitCode.Success, await Run(command));
        Assert.Equal(1, await Views());
        Assert.Equal(ExitCode.Success, await Run([.. command, "--views", "8"]));
        Assert.Equal(8, await Views());
        Assert.Equal(ExitCode.Usage, await Run([.. command, "--views", "9"]));

        async Task<int> Views() =>
            (int)
                JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(output, "a.manifest.json"), TestContext.Current.CancellationToken))!["settings"]![
                    "views"
                ]!;
    }

    [Fact]
    public async Task SaysThatTheModelIsMissing() =>
        Assert.Equal(ExitCode.CannotStart, await Run("segment", "--sample", "-o", _folder.File("out"), "--model", _folder.File("gone.onnx")));

    [Fact]
    public async Task EstimatesCountAndAreaWell()
    {
        var input = _folder.File("a.png");
        DarkDiscs.Write(input, 2400);
        using var model = HoverFast.Model.NucleusModel.Load(_model);
        var settings = new HoverFast.Pipeline.SegmentSettings { TileSize = 256 };
        var calibrator = new SlideCalibrator { Stated = new Mpp(0.25) };
        var estimate = await new SlideSegmenter(model, settings, calibrator).EstimateAsync(input, cancellation: TestContext.Current.CancellationToken);
        Assert.InRange(estimate.Nuclei, 900 * 0.8, 900 * 1.2);
        Assert.Equal(0.36, estimate.TissueArea, 2);
        Assert.Equal(ExitCode.Success, await Run("estimate", input, "--model", _model, "--mpp", "0.25", "--price", "0.1", "--check"));
    }

    [Fact]
    public async Task BenchComparesModels()
    {
        var input = _folder.File("a.png");
        DarkDiscs.Write(input, 300);
        var json = _folder.File("bench.json");
        var picture = _folder.File("bench.svg");
        Assert.Equal(
            ExitCode.Success,
            await Run(
                "bench",
                _model,
                "hoverfast-network-formula",
                "--input",
                input,
                "--mpp",
                "0.25",
                "--json",
                json,
                "--picture",
                picture,
                "--budget",
                "0",
                "--threads",
                "1",
                "--markdown"));
        var results = JsonNode.Parse(await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken))!.AsArray();
        Assert.Equal(["student", "hoverFast"], results.Select(r => (string)r!["network"]!));
        Assert.All(results, r =>
        {
            Assert.Equal(0.005625, (double)r!["squareMillimetres"]!, 6);
            Assert.True((double)r["squareMillimetresPerSecond"]! > 0);
            Assert.Equal(0.005625, (double)r["slideSquareMillimetres"]!, 6);
            Assert.Equal("a.png", (string)r["slide"]!);
            Assert.True((long)r["peakMemoryBytes"]! > 10_000_000);
        });
        Assert.Equal("svg", System.Xml.Linq.XDocument.Load(picture).Root!.Name.LocalName);
    }

    [Fact]
    public async Task RefusesADeviceThatThisBuildLacks()
    {
        var input = _folder.File("a.png");
        DarkDiscs.Write(input, 300);
        var lacking = HoverFast.Model.ExecutionProviders.Names.First(n =>
            !HoverFast.Model.ExecutionProviders.InThisBuild.Contains(HoverFast.Model.ExecutionProviders.Parse(n)));
        Assert.Equal(ExitCode.CannotStart, await Run("segment", input, "-o", _folder.File("out"), "--mpp", "0.25", "--device", lacking));
        Assert.Equal(ExitCode.Success, await Run("segment", input, "-o", _folder.File("out"), "--model", _model, "--mpp", "0.25", "--device", "cpu"));
        Assert.Contains(
            "\"device\": \"cpu\"",
            await File.ReadAllTextAsync(Path.Combine(_folder.File("out"), "a.manifest.json"), TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task HoverFastsCommandLinesWriteItsFiles()
    {
        var rois = Directory.CreateDirectory(_folder.File("rois")).FullName;
        DarkDiscs.Write(Path.Combine(rois, "one.png"), 512);
        var output = _folder.File("out");
        Assert.Equal(
            ExitCode.Success,
            await Run(
                "infer_roi",
                Path.Combine(rois, "*png"),
                "-m",
                _model,
                "-p",
                "6",
                "-s",
                "85",
                "-st",
                "he",
                "-r",
                "500",
                "-g",
                "2",
                "-n",
                "1",
                "-w",
                "2",
                "-c",
                "limegreen",
                "-o",
                output));
        Assert.True(Nuclei(Path.Combine(output, "json", "one.json.gz")) > 3);
        Assert.Equal(new PixelSize(512, 512), RgbImageFile.Read(Path.Combine(output, "overlay", "one_overlay.png")).Size);
        Assert.True(Painted(output, (50, 205, 50)) > 100);
        Assert.True(LabelImageFile.Read(Path.Combine(output, "label_mask", "one_label_mask.png")).Labels.Max() > 3);
    }

    [Fact]
    public async Task OutlinesOfTheOverlayHaveTheWidthAndColourAskedFor()
    {
        var roi = _folder.File("one.png");
        DarkDiscs.Write(roi, 512);
        var painted = new List<int>();
        foreach (var width in (string[])["1", "3"])
        {
            var output = _folder.File("out" + width);
            Assert.Equal(ExitCode.Success, await Run("infer_roi", roi, "-m", _model, "-w", width, "-c", "red", "-o", output));
            painted.Add(Painted(output, (255, 0, 0)));
        }

        Assert.True(painted[0] > 0);
        Assert.True(painted[1] > 2 * painted[0], $"{painted[0]} and {painted[1]} pixels");
        Assert.Equal(ExitCode.Usage, await Run("infer_roi", roi, "-m", _model, "-c", "nocolour", "-o", _folder.File("none")));
    }

    [Fact]
    public async Task TheMagnificationSetsTheResolutionOfACheckpoint()
    {
        var checkpoint = SharedData.Require("parity", "hoverfast", "checkpoint.pth");
        using var fine = HoverFast.Model.ModelCatalog.Load(checkpoint);
        using var coarse = HoverFast.Model.ModelCatalog.Load(checkpoint, Mpp.FromMagnification(20));
        Assert.Equal((0.25, 0.5), (fine.Card.Mpp, coarse.Card.Mpp));
        var slide = _folder.File("slide.svs");
        SyntheticSlide.Write(slide, new SyntheticSlideOptions { Size = new PixelSize(1100, 1100), TissueFraction = 1 });
        var output = _folder.File("out");
        Assert.Equal(ExitCode.Success, await Run("infer_wsi", slide, "-m", checkpoint, "-l", "10", "-o", output));
        Assert.Equal(
            1.0,
            (double)
                JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(output, "slide.manifest.json"), TestContext.Current.CancellationToken))!["model"]![
                    "mpp"
                ]!);
        Assert.True(File.Exists(Path.Combine(output, "slide.json.gz")));
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
        Assert.InRange(
            (int)
                JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(output, "slide.manifest.json"), TestContext.Current.CancellationToken))!["counts"]![
                    "tilesResumed"
                ]!,
            1,
            10000);
    }

    [Fact]
    public async Task WritesEveryOutputInOnePass()
    {
        var input = _folder.File("a.png");
        DarkDiscs.Write(input, 400);
        var output = _folder.File("out");
        Assert.Equal(
            ExitCode.Success,
            await Run(
                "segment",
                input,
                "-o",
                output,
                "--model",
                _model,
                "--mpp",
                "0.25",
                "--measurements",
                "all",
                "--output",
                string.Join(',', ResultKindsOption.Names)));
        var manifest = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(output, "a.manifest.json"), TestContext.Current.CancellationToken))!;
        Assert.Equal(ResultKindsOption.Names.Count, manifest["outputs"]!.AsArray().Count);

        // 5 x 5 discs, in every file.
        Assert.Equal(25, (int)manifest["counts"]!["nuclei"]!);
        Assert.Equal(25, Nuclei(Path.Combine(output, "a.geojson.gz")));
        Assert.Equal(1 + 25, (await File.ReadAllLinesAsync(Path.Combine(output, "a.csv"), TestContext.Current.CancellationToken)).Length);
        await using var table = await ParquetReader.CreateAsync(Path.Combine(output, "a.parquet"), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(25, table.Metadata!.NumRows);
        Assert.Equal(25, LabelImageFile.Read(Path.Combine(output, "a.labels.png")).Labels.Distinct().Count(l => l != 0));
        Assert.Equal(new PixelSize(400, 400), RgbImageFile.Read(Path.Combine(output, "a.overlay.png")).Size);
        Assert.True(RgbImageFile.Read(Path.Combine(output, "a.overview.png")).Span.ToArray().Distinct().Count() > 10);
    }

    [Fact]
    public async Task EvaluatesLabelFoldersAndModels()
    {
        var set = Directory.CreateDirectory(_folder.File("set")).FullName;
        Directory.CreateDirectory(Path.Combine(set, "images"));
        DarkDiscs.Write(Path.Combine(set, "images", "a.png"), 400);
        var output = _folder.File("out");
        Assert.Equal(
            ExitCode.Success,
            await Run("segment", Path.Combine(set, "images"), "-o", output, "--model", _model, "--mpp", "0.25", "--output", "labels"));
        Directory.CreateDirectory(Path.Combine(set, "labels"));
        File.Copy(Path.Combine(output, "a.labels.png"), Path.Combine(set, "labels", "a.png"));
        var scores = _folder.File("scores.json");
        foreach (var how in (string[][])[["--predicted", output], ["--model", _model, "--mpp", "0.25"]])
        {
            Assert.Equal(ExitCode.Success, await Run(["evaluate", set, "--json", scores, .. how]));
            Assert.InRange(
                (double)JsonNode.Parse(await File.ReadAllTextAsync(scores, TestContext.Current.CancellationToken))!["mean"]!["pq"]!["value"]!,
                0.98,
                1);
        }
    }

    [Fact]
    public async Task ComparesTwoModelsOnTheSameTiles()
    {
        // Labels as the model finds them; the same network at four times its pixel size sees little of such discs.
        var set = Directory.CreateDirectory(_folder.File("pair")).FullName;
        var (images, labels) = (Path.Combine(set, "images"), Path.Combine(set, "labels"));
        Directory.CreateDirectory(images);
        Directory.CreateDirectory(labels);
        var output = _folder.File("out");
        foreach (var (name, size) in new[] { ("a", 400), ("b", 480) })
        {
            DarkDiscs.Write(Path.Combine(images, name + ".png"), size);
        }

        Assert.Equal(ExitCode.Success, await Run("segment", images, "-o", output, "--model", _model, "--mpp", "0.25", "--output", "labels"));
        foreach (var name in new[] { "a", "b" })
        {
            File.Copy(Path.Combine(output, name + ".labels.png"), Path.Combine(labels, name + ".png"));
        }

        var coarse = _folder.File("coarse.onnx");
        File.Copy(_model, coarse);
        var card = ModelCard.Parse(await File.ReadAllBytesAsync(ModelCard.PathFor(_model), TestContext.Current.CancellationToken), _model);
        (card with { Name = "coarse", Mpp = 2 }).Save(ModelCard.PathFor(coarse));

        // The pixel size comes from the set's own description, and must be one.
        var description = Path.Combine(set, "dataset.json");
        await File.WriteAllTextAsync(description, """{ "mpp": 0.25 }""", TestContext.Current.CancellationToken);
        var figures = _folder.File("pair.json");
        Assert.Equal(0, await Gain(_model), 3);
        Assert.InRange(await Gain(coarse), -1, -0.3);
        await File.WriteAllTextAsync(description, """{ "mpp": "fine" }""", TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.CannotStart, await Run("model", "compare", _model, coarse, set));
        Assert.Equal(ExitCode.CannotStart, await Run("model", "compare", _model, _folder.File("none.onnx"), set, "--mpp", "0.25"));

        async Task<double> Gain(string other)
        {
            Assert.Equal(ExitCode.Success, await Run("model", "compare", _model, other, set, "--per-image", "--json", figures));
            var json = JsonNode.Parse(await File.ReadAllTextAsync(figures, TestContext.Current.CancellationToken))!;
            Assert.Equal(2, (int)json["images"]!);
            return (double)json["figures"]!["pq"]!["difference"]!;
        }
    }

    [Fact]
    public async Task ComparesResultsOfOneSlide()
    {
        var input = _folder.File("a.png");
        DarkDiscs.Write(input, 800);
        string[] command = ["segment", input, "--model", _model, "--mpp", "0.25", "--output", "geojson"];
        Assert.Equal(ExitCode.Success, await Run([.. command, "-o", _folder.File("large")]));
        Assert.Equal(ExitCode.Success, await Run([.. command, "-o", _folder.File("small"), "--tile-size", "200"]));
        Assert.Equal(ExitCode.Success, await Run([.. command, "-o", _folder.File("fewer"), "--min-area", "1000"]));
        string[] results = [.. ((string[])["large", "small", "fewer"]).Select(n => Path.Combine(_folder.File(n), "a.geojson.gz"))];
        Assert.Equal(ExitCode.Success, await Run("compare", results[0], results[1], "--least", "1", "--list"));
        Assert.Equal(ExitCode.SomeFailed, await Run("compare", results[0], results[2], "--least", "0.999"));
    }

    private static Task<int> Run(params string[] args) => HoverFastCommand.RunAsync(args);

    private static Process Start(string[] args)
    {
        var program = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet";
        var start = new ProcessStartInfo(program, [Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"), .. args])
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    /// <summary>Pixels of an overlay that have about a colour; lines have soft edges.</summary>
    private static int Painted(string output, (byte R, byte G, byte B) colour)
    {
        var picture = RgbImageFile.Read(Path.Combine(output, "overlay", "one_overlay.png"));
        return Enumerable
            .Range(0, picture.Width * picture.Height)
            .Count(i =>
                Math.Abs(picture.Pixels[3 * i] - colour.R) + Math.Abs(picture.Pixels[(3 * i) + 1] - colour.G) + Math.Abs(picture.Pixels[(3 * i) + 2] - colour.B)
                < 150);
    }

    private static int Nuclei(string path)
    {
        using var text = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        return JsonNode.Parse(text.ReadToEnd())!["features"]!.AsArray().Count;
    }

    private static void Blank(string path)
    {
        var picture = new RgbImage(300, 300);
        picture.Span.Fill(244);
        RgbImageFile.WritePng(path, picture);
    }
}
