using System.Text.Json;
using System.Text.RegularExpressions;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Training.Commands;
using HoverFast.Training.Data;
using HoverFast.Training.Distillation;
using HoverFast.Training.Export;
using HoverFast.Training.Networks;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Torch;
using Xunit;
using static TorchSharp.torch;

namespace HoverFast.Training.Tests;

public sealed class DistillationTests
{
    public DistillationTests() => LibTorch.Prepare(1);

    /// <summary>A picture's own ramp serves as its HV map: turned with the picture and turned back it must be the ramp again.</summary>
    [Fact]
    public void MapsOfEveryTurnedViewAreTurnedBack()
    {
        var picture = new RgbImage(6, 4);
        for (var i = 0; i < 24; i++)
        {
            (picture.Pixels[i * 3], picture.Pixels[(i * 3) + 1], picture.Pixels[(i * 3) + 2]) = ((byte)(i * 7), (byte)(i % 6), (byte)(i / 6));
        }

        var answers = new AnswerMean(6, 4);
        foreach (var view in TestTimeAugmentation.First(8))
        {
            var turned = view.Apply(picture);
            var maps = new NucleusMaps(turned.Width, turned.Height);
            for (var i = 0; i < 24; i++)
            {
                // What a network would say: the maps rise to the right and downwards of the picture as it sees it.
                maps.Probability[i] = turned.Pixels[i * 3];
                maps.Horizontal[i] = (sbyte)((2 * (i % turned.Width)) - (turned.Width - 1));
                maps.Vertical[i] = (sbyte)((2 * (i / turned.Width)) - (turned.Height - 1));
            }

            answers.Add(view.Invert(maps));
        }

        var mean = answers.Mean();
        for (var i = 0; i < 24; i++)
        {
            Assert.Equal(i * 7, mean.Maps.Probability[i]);
            Assert.Equal((2 * (i % 6)) - 5, mean.Maps.Horizontal[i]);
            Assert.Equal((2 * (i / 6)) - 3, mean.Maps.Vertical[i]);
            Assert.Equal(255, mean.Agreement[i]);
        }
    }

    [Fact]
    public void AnswersThatDifferLowerTheAgreement()
    {
        var answers = new AnswerMean(1, 1);
        answers.Add(new NucleusMaps(1, 1));
        answers.Add(new NucleusMaps(1, 1, [255], [10], [-10]));
        var mean = answers.Mean();
        Assert.Equal(0, mean.Agreement[0]);
        Assert.Equal(128, mean.Maps.Probability[0]);
        Assert.Equal(5, mean.Maps.Horizontal[0]);
    }

    [Fact]
    public void SoftMapsComeBackFromTheirFile()
    {
        using var folder = new TemporaryFolder();
        var random = new Random(3);
        var soft = new SoftMaps(new NucleusMaps(5, 3), new byte[15]);
        for (var i = 0; i < 15; i++)
        {
            soft.Maps.Probability[i] = (byte)random.Next(256);
            soft.Maps.Horizontal[i] = (sbyte)random.Next(-127, 128);
            soft.Maps.Vertical[i] = (sbyte)random.Next(-127, 128);
            soft.Agreement[i] = (byte)random.Next(256);
        }

        var path = Path.Combine(folder.Path, "maps.png");
        soft.Write(path);
        var back = SoftMaps.Read(path);

        Assert.Equal(soft.Maps.Probability, back.Maps.Probability);
        Assert.Equal(soft.Maps.Horizontal, back.Maps.Horizontal);
        Assert.Equal(soft.Maps.Vertical, back.Maps.Vertical);
        Assert.Equal(soft.Agreement, back.Agreement);
    }

    [Fact]
    public void AWidenedNetworkComputesTheSame()
    {
        using var scope = NewDisposeScope();
        var wide = Drawn.TinyNetwork with { Widths = [32, 64] };
        using var network = new UNet(Drawn.TinyNetwork, seed: 5, bfloat16: false, CPU);
        using var wider = new UNet(wide, seed: 6, bfloat16: false, CPU);
        wider.Load(
            Widening.Widen(network.Parameters.Concat(network.Statistics).ToDictionary(p => p.Key, p => p.Value), Drawn.TinyNetwork, wide, seed: 1, noise: 0));
        var image = Drawn.Discs(64, 4).Image;

        AssertAlike(Validation.Predict(network, image), Validation.Predict(wider, image));
    }

    /// <summary>Channels that nobody writes to or reads are left out, wherever additions tie them to others, and the network still computes the same.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void ANarrowedNetworkKeepsTheChannelsThatMatter(bool residual, bool strided)
    {
        using var scope = NewDisposeScope();
        var wide = new StudentArchitecture
        {
            Widths = [32, 48, 64],
            EncoderConvolutions = [3, 2, 4],
            DecoderConvolutions = [2, 1],
            Residual = residual,
            StridedBlocks = strided,
        };
        var narrow = wide with { Widths = [16, 32, 48] };
        using var network = new UNet(wide, seed: 5, bfloat16: false, CPU);
        using var narrower = new UNet(narrow, seed: 6, bfloat16: false, CPU);
        Silence(network, new ChannelGroups(wide), narrow);

        narrower.Load(Narrowing.Narrow(network.Parameters.Concat(network.Statistics).ToDictionary(p => p.Key, p => p.Value), wide, narrow));
        var image = Drawn.Discs(64, 4).Image;
        var expected = Validation.Predict(network, image);

        Assert.True(expected.Horizontal.Distinct().Count() > 20);
        AssertAlike(expected, Validation.Predict(narrower, image));
    }

    /// <summary>
    /// Residual pairs that add nothing are left out at the end of their blocks, a whole block of the decoder included, and the network still computes
    /// the same.
    /// </summary>
    [Fact]
    public void ANetworkOfFewerPairsComputesTheSameWhereTheyAddNothing()
    {
        using var scope = NewDisposeScope();
        var deep = new StudentArchitecture
        {
            Widths = [16, 32],
            EncoderConvolutions = [5, 4],
            DecoderConvolutions = [2],
            Residual = true,
            StridedBlocks = true,
        };
        var shallow = deep with { EncoderConvolutions = [3, 2], DecoderConvolutions = [0] };
        using var network = new UNet(deep, seed: 5, bfloat16: false, CPU);
        using var shorter = new UNet(shallow, seed: 6, bfloat16: false, CPU);
        using (no_grad())
        {
            foreach (var layer in new[] { "encoder0.4", "encoder1.3", "decoder0.1" })
            {
                network.Parameters[layer + ".gamma"].zero_();
                network.Parameters[layer + ".beta"].zero_();
            }
        }

        shorter.Load(Narrowing.Narrow(network.Parameters.Concat(network.Statistics).ToDictionary(p => p.Key, p => p.Value), deep, shallow));
        var image = Drawn.Discs(64, 4).Image;
        var expected = Validation.Predict(network, image);

        Assert.True(expected.Horizontal.Distinct().Count() > 20);
        AssertAlike(expected, Validation.Predict(shorter, image));
    }

    /// <summary>A run leaves residual pairs of a built-in model out and begins with what is left; its card names the model's data.</summary>
    [Fact]
    public void ARunBeginsWithABuiltInModelOfFewerPairs()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var model = StartingModel.Load("hoverfast-he-float32");
        var network = model.Card.Network! with { EncoderConvolutions = [1, 4, 4], DecoderConvolutions = [0, 2], Types = null };
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 1)) with { Network = network, NarrowFrom = "hoverfast-he-float32" };

        var start = StartingWeights.Of(run, folder.Path)!;
        var whole = StartingWeights.OfModel(model.Graph, model.Card, model.Name);

        Assert.Equal(network.Layers().Select(l => l.Name + ".weight").Order(), start.Keys.Where(k => k.EndsWith(".weight", StringComparison.Ordinal)).Order());
        Assert.All(start, t => Assert.Equal(whole[t.Key].data<float>().ToArray(), t.Value.data<float>().ToArray()));
        Assert.Equal(model.Card.Data, DataOfRun.StartingCard(run, folder.Path)!.Data);
        Assert.Contains(
            "only residual pairs can be left out",
            Assert.Throws<ModelException>(
                () => StartingWeights.Of(run with { Network = network with { Widths = [32, 64, 96] } }, folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void OnlyWidthsMayShrink()
    {
        var wide = Drawn.TinyNetwork with { Widths = [32, 64], EncoderConvolutions = [1, 3] };
        using var network = new UNet(wide, seed: 5, bfloat16: false, CPU);
        foreach (
            var other in new[]
            {
                wide with
                {
                    Widths = [32, 80],
                },
                wide with
                {
                    Widths = [32, 32],
                },
                wide with
                {
                    Residual = false,
                    Widths = [16, 32],
                },
                wide with
                {
                    Widths = [16, 32, 32],
                    EncoderConvolutions = [1, 2, 1],
                    DecoderConvolutions = [1, 1],
                },
                wide with
                {
                    OutputStride = 2,
                },
                wide with
                {
                    EncoderConvolutions = [1, 2],
                },
                wide with
                {
                    EncoderConvolutions = [3, 3],
                },
            })
        {
            Assert.Contains(
                "only the widths may differ",
                Assert.Throws<InvalidDataException>(() => Narrowing.Narrow(network.Parameters, wide, other)).Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AnExportedModelGoesBackIntoTheSameNetwork()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        using var network = new UNet(Drawn.TinyNetwork, seed: 7, bfloat16: false, CPU);
        using var copy = new UNet(Drawn.TinyNetwork, seed: 8, bfloat16: false, CPU);
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 1));
        var path = Path.Combine(folder.Path, "model.onnx");
        var weights = network.Parameters.Concat(network.Statistics).ToDictionary(p => p.Key, p => p.Value);
        StudentExporter.Write(StudentExporter.Graph(weights, run.Network, "model"), "float32", run, folder.Path, path, _ => []);

        var start = StartingModel.Load(path);
        copy.Load(StartingWeights.OfModel(start.Graph, start.Card, path));
        var image = Drawn.Discs(64, 4).Image;

        AssertAlike(Validation.Predict(network, image), Validation.Predict(copy, image));
    }

    [Fact]
    public void TeachersOfDifferentPixelSizesNeedOneToBeShownAt()
    {
        NucleusModel[] models = [NucleusModel.LoadBuiltIn(), NucleusModel.LoadBuiltIn("hoverfast-he-fast")];
        Assert.Contains("--teacher-mpp", Assert.Throws<ModelException>(() => new Teacher(models, views: 1)).Message, StringComparison.Ordinal);
        using var teacher = new Teacher(models, views: 1, new Mpp(0.4));
        Assert.Equal(0.4, teacher.Mpp.MicronsPerPixel);
        var image = Drawn.Discs(160, 4);
        using var slide = new ImageSlide("discs", "picture", image.Image);
        var sampler = new SlideSampler(slide, image.Mpp, teacher.Mpp);
        var soft = teacher.Predict(sampler, sampler.Grid.Whole);
        Assert.Equal((100, 100), (soft.Width, soft.Height));
        Assert.Contains(soft.Maps.Probability, p => p > 200);
    }

    [Fact]
    public void ATeachingSetIsMadeOnceAndCanBeTrainedOn()
    {
        using var folder = new TemporaryFolder();
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 2));
        using var teacher = new Teacher([NucleusModel.LoadBuiltIn("hoverfast-he-float32")], views: 2);
        var settings = new TeachingSettings { TestShare = 0.5, Calibrator = new SlideCalibrator { Stated = new Mpp(0.25) } };
        var slides = SlideInputs.Expand([Path.Combine(folder.Path, "data", "images")]);
        var tiles = Path.Combine(folder.Path, "tiles");

        Assert.Equal(0, new TeachingSet(tiles, teacher, settings, TextWriter.Null).LabelSlides(slides, CancellationToken.None));
        var manifest = File.ReadAllText(Path.Combine(tiles, "manifest.json"));
        Assert.Equal(0, new TeachingSet(tiles, teacher, settings, TextWriter.Null).LabelSlides(slides, CancellationToken.None));
        Assert.Equal(manifest, File.ReadAllText(Path.Combine(tiles, "manifest.json")));
        Assert.Contains(
            "another teacher",
            Assert
                .Throws<TrainingException>(() =>
                    new TeachingSet(tiles, teacher, settings with { Seed = 2 }, TextWriter.Null).LabelSlides(slides, CancellationToken.None))
                .Message,
            StringComparison.Ordinal);

        var taught = new DataSetConfiguration
        {
            Name = "taught",
            Folder = Directory.GetFiles(Path.Combine(tiles, "train", "images")).Length > 0 ? "tiles/train" : "tiles/test",
            Mpp = teacher.Mpp.MicronsPerPixel,
        };
        using var trainer = new Trainer(run with { Train = [taught], Validate = [] }, folder.Path, Path.Combine(folder.Path, "out"), TextWriter.Null);
        trainer.Run(CancellationToken.None);
        Assert.True(double.IsFinite(trainer.Best));
    }

    /// <summary>Whole pictures of another pixel size kept the maps of the first one; a run took these as if they lay over its pictures.</summary>
    [Fact]
    public async Task MapsOfAnotherPixelSizeAreNeitherKeptNorLearned()
    {
        using var folder = new TemporaryFolder();
        Drawn.Run(folder.Path, 1);
        var (data, pictures) = (Path.Combine(folder.Path, "data"), Path.Combine(folder.Path, "data", "images"));
        Task<int> Label(string input, string output, string mpp) => TrainingProgram.RunAsync([
            "distill", "label", input, "--mpp", mpp, "--teacher", "hoverfast-he-fast", "--views", "1", "--threads", "1", "-o", Path.Combine(folder.Path, output),
        ]);

        foreach (var (input, output) in new[] { (data, "soft"), (pictures, "tiles") })
        {
            Assert.Equal(0, await Label(input, output, "0.5"));
            Assert.Equal(3, await Label(input, output, "0.25"));
            Assert.Equal(0, await Label(input, output, "0.5"));

            // As an older version wrote it.
            var manifest = Path.Combine(folder.Path, output, "manifest.json");
            File.WriteAllText(manifest, Regex.Replace(File.ReadAllText(manifest), ",\\s*\"pixelSizes\": \\[[^]]*]", ""));
            Assert.DoesNotContain("pixelSizes", File.ReadAllText(manifest), StringComparison.Ordinal);
            Assert.Equal(0, await Label(input, output, "0.5"));
        }

        var set = new DataSetConfiguration { Name = "data", Folder = "data", Mpp = 0.5, Maps = "soft/maps" };
        Assert.All(DataSet.Load(set, folder.Path).Images, i => Assert.NotNull(i.Soft));
        var wrong = Assert.Throws<TrainingException>(() => DataSet.Load(set with { Mpp = 0.25 }, folder.Path));
        Assert.Contains("soft maps of 160 x 160 pixels where its picture's have 80 x 80", wrong.Message, StringComparison.Ordinal);
    }

    /// <summary>Two slides of one name were one to the set: the second got the first's tiles, or none.</summary>
    [Fact]
    public async Task SlidesOfOneNameKeepTheirOwnTiles()
    {
        using var folder = new TemporaryFolder();
        var (first, second) = (Drawn.Discs(160, 1).Image, Drawn.Discs(160, 2).Image);
        RgbImageFile.WritePng(Path.Combine(folder.Path, "first", "slide.png"), first);
        RgbImageFile.WritePng(Path.Combine(folder.Path, "second", "slide.png"), second);
        RgbImageFile.WritePng(Path.Combine(folder.Path, "second", "other.png"), first);
        var tiles = Path.Combine(folder.Path, "tiles");
        string[] command =
        [
            "distill", "label", Path.Combine(folder.Path, "first"), Path.Combine(folder.Path, "second"), "--mpp", "0.25", "--test-share", "0",
            "--teacher", "hoverfast-he-fast", "--teacher-mpp", "0.25", "--views", "1", "--threads", "1", "-o", tiles,
        ];

        Assert.Equal(0, await TrainingProgram.RunAsync(command));

        Assert.Equal(
            ["first_slide.png.png", "other.png", "second_slide.png.png"],
            Directory.GetFiles(Path.Combine(tiles, "train", "images")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(first.Pixels, RgbImageFile.Read(Path.Combine(tiles, "train", "images", "first_slide.png.png")).Pixels);
        Assert.Equal(second.Pixels, RgbImageFile.Read(Path.Combine(tiles, "train", "images", "second_slide.png.png")).Pixels);
        var path = Path.Combine(tiles, "manifest.json");
        var manifest = File.ReadAllText(path);
        using (var json = JsonDocument.Parse(manifest))
        {
            Assert.Equal(
                ["first_slide.png (slide.png)", "other.png", "second_slide.png (slide.png)"],
                json.RootElement.GetProperty("settings").GetProperty("sources").EnumerateArray().Select(s => s.GetString()).Order(StringComparer.Ordinal));
        }

        // A set in which an older version mixed them up is not gone on with.
        Assert.Equal(0, await TrainingProgram.RunAsync(command));
        Assert.Equal(manifest, File.ReadAllText(path));
        File.WriteAllText(path, Regex.Replace(manifest, "[a-z]+_slide.png \\((slide.png)\\)", "$1"));
        Assert.Equal(3, await TrainingProgram.RunAsync(command));
    }

    [Theory]
    [InlineData("roi_1,roi_2,roi_3,roi_4", 0.3, "all slides are of one patient, roi. Put a double underscore")]
    [InlineData("a,b", 0.1, "0.1 of 2 patients or slides is less than one. Give more slides")]
    [InlineData("roi_1", 0.3, "0.3 of 1 patients or slides is less than one. Give more slides")]
    [InlineData("roi_1,roi_2", 0, null)]
    [InlineData("roi1__a,roi2__a", 0.5, null)]
    public void ASplitWithoutTestTilesIsSaid(string names, double share, string? words)
    {
        using var folder = new TemporaryFolder();
        using var teacher = new Teacher([NucleusModel.LoadBuiltIn("hoverfast-he-fast")], views: 1);
        using var log = new StringWriter();
        var settings = new TeachingSettings { TestShare = share, Calibrator = new SlideCalibrator { Stated = new Mpp(0.25) } };
        List<SlideInput> slides = [.. names.Split(',').Select(n => new SlideInput(Path.Combine(folder.Path, n + ".png"), n))];
        foreach (var (slide, i) in slides.Select((s, i) => (s, i)))
        {
            RgbImageFile.WritePng(slide.Path, Drawn.Discs(96, i).Image);
        }

        new TeachingSet(Path.Combine(folder.Path, "tiles"), teacher, settings, log).LabelSlides(slides, TestContext.Current.CancellationToken);

        var warnings = log.ToString().Split('\n').Where(l => l.StartsWith("warning: no tile is kept for testing: ", StringComparison.Ordinal)).ToList();
        Assert.Equal(words is null ? 0 : 1, warnings.Count);
        Assert.All(warnings, w => Assert.Contains(words!, w, StringComparison.Ordinal));
        Assert.Equal(words is null && share > 0 ? 1 : 0, Directory.GetFiles(Path.Combine(folder.Path, "tiles", "test", "images")).Length);
    }

    [Fact]
    public async Task AMisspeltFolderLeavesNothingBehind()
    {
        using var folder = new TemporaryFolder();
        var output = Path.Combine(folder.Path, "out");
        string[] Command(string input) =>
            ["distill", "label", input, "--mpp", "0.25", "--teacher", "hoverfast-he-fast", "--views", "1", "--threads", "1", "-o", output];
        Drawn.Run(folder.Path, 1);

        Assert.Equal(3, await TrainingProgram.RunAsync(Command(Path.Combine(folder.Path, "data", "image"))));
        Assert.False(Directory.Exists(output));

        File.WriteAllText(Path.Combine(folder.Path, "held", "images", "broken.png"), "no picture");
        Assert.Equal(1, await TrainingProgram.RunAsync(Command(Path.Combine(folder.Path, "held", "images", "broken.png"))));
        Assert.False(Directory.Exists(output));

        Assert.Equal(0, await TrainingProgram.RunAsync(Command(Path.Combine(folder.Path, "data", "images"))));
        Assert.True(File.Exists(Path.Combine(output, "manifest.json")));
    }

    [Fact]
    public void ARootedRunNamesTheSameFilesFromAnyFolder()
    {
        using var folder = new TemporaryFolder();
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 1));
        run = (run with { Train = [run.Train[0] with { Maps = "soft/maps" }], StartFrom = "a.safetensors", WidenFrom = "../b.safetensors" }).Rooted(
            folder.Path);

        Assert.Equal(Path.Combine(folder.Path, "data"), run.Train[0].Folder);
        Assert.Equal(Path.Combine(folder.Path, "soft", "maps"), run.Train[0].Maps);
        Assert.Equal(Path.Combine(folder.Path, "held"), run.Validate[0].Folder);
        Assert.Null(run.Validate[0].Maps);
        Assert.Equal(Path.Combine(folder.Path, "a.safetensors"), run.StartFrom);
        Assert.Equal(Path.Combine(Path.GetDirectoryName(folder.Path)!, "b.safetensors"), run.WidenFrom);

        // A built-in model lies in no folder.
        var narrow = run with { WidenFrom = null, StartFrom = null, NarrowFrom = "hoverfast-he-float32" };
        Assert.Equal("hoverfast-he-float32", narrow.Rooted(folder.Path).NarrowFrom);
        Assert.Equal(Path.Combine(folder.Path, "c.onnx"), (narrow with { NarrowFrom = "c.onnx" }).Rooted(folder.Path).NarrowFrom);
    }

    // Leaves each group of channels as many as the narrow network has, drawn at random; the others are neither scaled nor shifted by batch norm: always zero.
    private static void Silence(UNet network, ChannelGroups groups, StudentArchitecture narrow)
    {
        using var noGrad = no_grad();
        var random = new Random(8);
        var counts = narrow.Layers().ToDictionary(l => l.Name, l => l.Outputs);
        foreach (var group in network.Architecture.Layers().Where(l => l.Normalised).GroupBy(groups.Written))
        {
            var channels = Enumerable.Range(0, group.First().Outputs).ToArray();
            random.Shuffle(channels);
            foreach (var layer in group)
            {
                foreach (var channel in channels[counts[layer.Name]..])
                {
                    network.Parameters[layer.Name + ".gamma"][channel].zero_();
                }
            }
        }
    }

    private static void AssertAlike(NucleusMaps expected, NucleusMaps actual)
    {
        for (var i = 0; i < expected.Width * expected.Height; i++)
        {
            Assert.InRange(actual.Probability[i] - expected.Probability[i], -1, 1);
            Assert.InRange(actual.Horizontal[i] - expected.Horizontal[i], -1, 1);
            Assert.InRange(actual.Vertical[i] - expected.Vertical[i], -1, 1);
        }
    }
}
