using System.Numerics;
using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Slides;
using HoverFast.Training.Adaptation;
using HoverFast.Training.Commands;
using HoverFast.Training.Data;
using HoverFast.Training.Export;
using HoverFast.Training.Importing;
using HoverFast.Training.Networks;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Torch;
using HoverFast.Training.Trust;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace HoverFast.Training.Tests;

public sealed class TypeTrainingTests : IDisposable
{
    private static readonly ModelCard.NucleusType[] _types = [new("Red", [200, 0, 0], ["crimson"]), new("Blue", [0, 0, 200])];
    private readonly TemporaryFolder _folder = new();

    public TypeTrainingTests()
    {
        LibTorch.Prepare(1);

        // Two colours of discs, each tile of one type; what is no type's name in "other names" stands for one all the same.
        foreach (var (name, set) in new[] { ("data", 10), ("held", 20) })
        {
            Drawn.Write(At(name), Drawn.Discs(160, set + 1, (170, 40, 60)), Drawn.Discs(160, set + 2, (60, 40, 170)));
            Directory.CreateDirectory(Path.Combine(At(name), "types"));
            foreach (var (tile, type) in new[] { ($"discs_{set + 1}", "Crimson"), ($"discs_{set + 2}", "blue") })
            {
                var labels = LabelImageFile.Read(Path.Combine(At(name), "labels", tile + ".png"), new PixelSize(160, 160)).Labels.Where(l => l != 0).Distinct();
                File.WriteAllText(Path.Combine(At(name), "types", tile + ".csv"), "label,type\n" + string.Concat(labels.Select(l => $"{l},{type}\n")));
            }
        }
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task TheBranchLearnsTypesAndTheOutlinesStay()
    {
        var start = await StartAsync();
        var run = Run(start, 60);
        Train(run, "types");
        var model = Path.Combine(_folder.Path, "typed.onnx");
        File.WriteAllText(At("run.json"), run.ToJson());
        Assert.Equal(
            0,
            await TrainingProgram.RunAsync([
                "export",
                At("run.json"),
                Path.Combine(At("types"), "last.safetensors"),
                "-o",
                model,
                "--int8",
                At("typed8.onnx"),
                "--int8-from",
                At("start8.onnx"),
            ]));

        foreach (var (before, after) in new[] { (start, model), (At("start8.onnx"), At("typed8.onnx")) })
        {
            using var plain = NucleusModel.Load(before);
            using var typed = NucleusModel.Load(after);
            Assert.Equal(["Background", "Red", "Blue"], typed.Card.Types!.Select(t => t.Name));
            Assert.Equal(plain.Card.Scores, typed.Card.Scores);
            Assert.Equal(["types", "validate types"], typed.Card.Data.Skip(plain.Card.Data.Count).Select(d => d.Use));
            Assert.Equal(("held", 2), (Assert.Single(typed.Card.TypeScores!).Set, typed.Card.TypeScores![0].Images));
            foreach (var (tile, type) in new[] { ("discs_21", 1), ("discs_22", 2) })
            {
                var picture = RgbImageFile.Read(Path.Combine(At("held"), "images", tile + ".png"));
                var (expected, actual) = (plain.Run(picture), typed.Run(picture));
                Assert.Equal(expected.Probability, actual.Probability);
                Assert.Equal(expected.Horizontal, actual.Horizontal);
                Assert.Equal(expected.Vertical, actual.Vertical);
                Assert.Null(expected.Types);
                var labels = LabelImageFile.Read(Path.Combine(At("held"), "labels", tile + ".png"), picture.Size).Labels;
                Assert.True(labels.Zip(actual.Types!).Where(p => p.First != 0).Average(p => p.Second == type ? 1.0 : 0) > 0.8);
            }
        }

        // A network that finds no nuclei can't tell what those around count for. A branch that is there already is replaced.
        Assert.Null(Card(At("typed8.onnx")).TypeContext);
        Assert.Equal(0, await TrainingProgram.RunAsync(["type-context", At("run.json"), At("typed8.onnx")]));
        Assert.Equal(3, await TrainingProgram.RunAsync(["type-context", At("start.json"), At("typed8.onnx")]));
        Assert.Equal(3, await TrainingProgram.RunAsync(["type-context", At("run.json"), At("start8.onnx")]));
        string[] again = ["export", At("run.json"), Path.Combine(At("types"), "last.safetensors"), "-o", At("again.onnx"), "--int8", At("again8.onnx")];
        Assert.Equal(0, await TrainingProgram.RunAsync([.. again, "--int8-from", At("typed8.onnx")]));
        using (var twice = NucleusModel.Load(At("again8.onnx")))
        using (var once = NucleusModel.Load(At("typed8.onnx")))
        {
            var picture = RgbImageFile.Read(Path.Combine(At("held"), "images", "discs_21.png"));
            var (expected, actual) = (once.Run(picture), twice.Run(picture));
            Assert.Equal(expected.Probability, actual.Probability);
            Assert.Equal(expected.Types, actual.Types);
        }

        // What is exported onto a trunk of its own, in 8 bits, needs that trunk.
        Assert.Equal(
            3,
            await TrainingProgram.RunAsync([
                "export",
                At("run.json"),
                Path.Combine(At("types"), "last.safetensors"),
                "-o",
                At("more.onnx"),
                "--int8",
                At("more8.onnx"),
            ]));
        Assert.False(File.Exists(At("more.onnx")));
    }

    // The types that a student tells by votes alone, on real tissue, taken as the truth: what is fitted to them tells the same.
    [Fact]
    public void WhatLiesAroundIsFittedToTheNucleiOfKnownType()
    {
        using var student = NucleusModel.LoadBuiltIn("hoverfast-he-fast");
        var set = RehearsalPack.UnpackBuiltIn(_folder.Path).First(s => s.Name == "consep").ToLearn(1);
        var (plain, count) = (student.Card with { TypeContext = null }, student.Card.Types!.Count - 1);
        var told = 0;
        foreach (var image in DataSet.Load(set, "/").Images)
        {
            var found = Validation.Find(student, image, TypeRule.Of(plain));
            Vector2[] truth =
            [
                .. Enumerable
                    .Range(0, image.Instances.Keys.Max() + 1)
                    .Select(l => image.Instances.TryGetValue(l, out var instance) ? instance.Centroid : new Vector2(-100)),
            ];
            var partners = CentroidMatching.Partners(truth, [.. found.Select(n => n.Centroid)], 12);
            var types = Path.Combine(set.Folder, "types");
            Directory.CreateDirectory(types);
            var paired = found.Index().Where(n => partners[n.Index] > 0 && n.Item.Type > 0);
            var rows = paired.Select(n => $"{partners[n.Index]},{plain.Types![n.Item.Type].Name}").ToList();
            File.WriteAllLines(Path.Combine(types, image.Name + ".csv"), ["label,type", .. rows]);
            told += rows.Count;
        }

        var typed = DataSet.Load(set, "/", [.. plain.Types!.Skip(1)]);
        var context = Fit(typed)!;
        Assert.Equal((15, count), (context.Radius, context.Weights.Count));
        Assert.Equal(context.Weights, Fit(typed)!.Weights);
        var same = 0;
        foreach (var image in typed.Images)
        {
            var (before, after) = (TypeRule.Of(plain), TypeRule.Of(plain with { TypeContext = context }));
            same += Validation.Find(student, image, before).Zip(Validation.Find(student, image, after)).Count(n => n.First.Type == n.Second.Type);
        }

        Assert.True(told > 50, $"{told} nuclei have a type");
        Assert.True(same > 0.9 * told, $"{same} of {told} and more have the same type");
        Assert.Null(Fit(DataSet.Load(set with { Name = "none" }, "/")));

        TypeContext? Fit(DataSet images) => TypeContextFit.Of(student, [images], TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task AStoppedRunOfTypesEndsWithTheSameBytes()
    {
        var run = Run(await StartAsync(), 8);
        Train(run, "whole");
        using (var stop = new CancellationTokenSource())
        {
            using var trainer = new Trainer(run, _folder.Path, At("stopped"), TextWriter.Null, afterStep: step =>
            {
                if (step == 5)
                {
                    stop.Cancel();
                }
            });
            Assert.Throws<OperationCanceledException>(() => trainer.Run(stop.Token));
        }

        Train(run, "stopped");
        Assert.Equal(File.ReadAllBytes(Path.Combine(At("whole"), "last.safetensors")), File.ReadAllBytes(Path.Combine(At("stopped"), "last.safetensors")));
    }

    [Fact]
    public void TypesCanBeLearnedWithTheOutlines()
    {
        var run = Run(start: null, 40) with { Learn = "all" };
        Train(run, "all");
        var losses = File.ReadAllLines(Path.Combine(At("all"), "metrics.csv"));
        Assert.EndsWith(",types,held.pq,held.aji,held.dice,held.types", losses[0], StringComparison.Ordinal);
        var column = losses.Skip(1).Select(l => double.Parse(l.Split(',')[6])).ToList();
        Assert.True(column[^1] < 0.8 * column[0], $"from {column[0]} to {column[^1]}");
    }

    [Fact]
    public async Task TheWholeNetworkLearnsTypesAndTheOutlinesAreHeld()
    {
        // Losses on types alone: what keeps the outlines is the start's answer to the batch itself.
        var start = await StartAsync();
        var types = Run(start, 40) with
        {
            Learn = "all",
            FreezeNorm = true,
            Loss = new LossWeights { CrossEntropy = 0, Dice = 0, Hv = 0, HvGradient = 0 },
        };
        Assert.Contains("not both 0", string.Join("; ", ConfigurationRules.Problems(types, _folder.Path)), StringComparison.Ordinal);

        var none = Assert.Throws<TrainingException>(() => Train(types with { Keep = Keep(20) with { Types = true } }, "none"));
        Assert.Contains("the start knows no types", none.Message, StringComparison.Ordinal);

        var loose = Change(types with { Keep = Keep(0.001) }, "loose");
        var held = Change(types with { Keep = Keep(20) }, "held fast");
        Assert.True(held.Outlines < 0.5 * loose.Outlines, $"{held.Outlines} held, {loose.Outlines} not");
        Assert.True(held.TypeLoss < 0.8, $"types were learned from {held.TypeLoss} of the loss at the start");

        KeepSettings Keep(double weight) => new()
        {
            Sets = [types.Train[0] with { Name = "kept" }],
            Batch = 2,
            Weight = weight,
            OfBatch = true,
            Types = false,
        };

        (double Outlines, double TypeLoss) Change(TrainingConfiguration run, string name)
        {
            Train(run, name);
            var losses = File.ReadAllLines(Path.Combine(At(name), "metrics.csv"))
                .Skip(1)
                .Select(l => double.Parse(l.Split(',')[6], System.Globalization.CultureInfo.InvariantCulture))
                .ToList();
            using var before = new UNet(types.Network, 1, bfloat16: false, CPU);
            using var after = new UNet(types.Network, 1, bfloat16: false, CPU);
            before.Load(StartingWeights.Of(types, _folder.Path)!, partly: true);
            after.Load(TrainedWeights.Read(Path.Combine(At(name), "last.safetensors")).Weights);
            var picture = RgbImageFile.Read(Path.Combine(At("held"), "images", "discs_21.png"));
            var difference = Validation
                .Predict(before, picture)
                .Probability.Zip(Validation.Predict(after, picture).Probability, (a, b) => Math.Abs(a - b))
                .Average();
            return (difference, losses[^1] / losses[0]);
        }
    }

    [Fact]
    public async Task TypesThatDoNotShapeTheTrunkLeaveItAsIfTheyWereNotKept()
    {
        Train(Run(await StartAsync(), 4), "types");
        File.WriteAllText(At("run.json"), Run(At("start.onnx"), 4).ToJson());
        Assert.Equal(0, await TrainingProgram.RunAsync(["export", At("run.json"), Path.Combine(At("types"), "last.safetensors"), "-o", At("typed.onnx")]));
        var run = Run("typed.onnx", 12);
        run = run with { Learn = "all", FreezeNorm = true, Clip = 1000, Loss = run.Loss with { Types = 0 } };
        var apart = new KeepSettings { Sets = [], Batch = 0, Weight = 0, TypesOfBatch = true, TypeWeight = 1, TypesShapeTrunk = false };

        var (alone, kept, shaped) = (Trunk(null, "alone"), Trunk(apart, "apart"), Trunk(apart with { TypesShapeTrunk = true }, "together"));

        Assert.Equal(alone, kept);
        Assert.NotEqual(alone, shaped);
        var nothing = run with { Keep = apart with { Weight = 1 } };
        Assert.Contains("keep.batch", string.Join("; ", ConfigurationRules.Problems(nothing, _folder.Path)), StringComparison.Ordinal);

        float[] Trunk(KeepSettings? keep, string name)
        {
            Train(run with { Keep = keep }, name);
            var end = TrainedWeights.Read(Path.Combine(At(name), "last.safetensors")).Weights;
            var trunk = end.Where(w => !StudentArchitecture.IsOfTypes(w.Key)).OrderBy(w => w.Key, StringComparer.Ordinal);
            return [.. trunk.SelectMany(w => w.Value.data<float>())];
        }
    }

    [Fact]
    public async Task ABranchOfAnotherWidthIsLearnedAnew()
    {
        var run = Run(await StartAsync(), 4);
        Train(run, "types");
        File.WriteAllText(At("run.json"), run.ToJson());
        Assert.Equal(0, await TrainingProgram.RunAsync(["export", At("run.json"), Path.Combine(At("types"), "last.safetensors"), "-o", At("typed.onnx")]));

        var wider = Run("typed.onnx", 4);
        wider = wider with { Network = wider.Network with { Types = wider.Network.Types! with { Width = 2 * wider.Network.Types!.Width } } };
        Train(wider, "wider");
        var (before, after) = (Weights(At("typed.onnx")), TrainedWeights.Read(Path.Combine(At("wider"), "last.safetensors")).Weights);
        Assert.Equal(2 * before["types.mix.weight"].shape[0], after["types.mix.weight"].shape[0]);
        Assert.True((before["encoder0.0.weight"] - after["encoder0.0.weight"]).abs().max().ToSingle() < 1e-6, "the trunk stays");

        // Of the same shape it goes on, unless the run asks for a new one.
        var same = Run("typed.onnx", 4);
        Assert.Equal(0.0, Distance(same), 1e-6);
        Assert.True(Distance(same with { NewTypes = true }) > 0.01);

        var kept = wider with { Learn = "all", FreezeNorm = true, Keep = new KeepSettings { Sets = [wider.Train[0] with { Name = "kept" }], Batch = 2 } };
        Assert.Contains("another branch", Assert.Throws<TrainingException>(() => Train(kept, "kept")).Message, StringComparison.Ordinal);

        // How far the head is from the start's where the rate is next to nothing.
        double Distance(TrainingConfiguration run)
        {
            var folder = run.NewTypes ? "new" : "same";
            Train(run with { LearningRate = 1e-12, WeightDecay = 0 }, folder);
            var end = TrainedWeights.Read(Path.Combine(At(folder), "last.safetensors")).Weights;
            return (before["types.head.weight"] - end["types.head.weight"]).abs().max().ToSingle();
        }
    }

    /// <summary>Nothing would be learned, or the first weights would count as the best ones.</summary>
    [Theory]
    [InlineData("data", "train")]
    [InlineData("held", "validate")]
    public async Task TypesAreNotLearnedOrJudgedBySetsWithout(string set, string key)
    {
        var run = Run(await StartAsync(), 4);
        Directory.Delete(Path.Combine(At(set), "types"), recursive: true);

        var refused = Assert.Throws<TrainingException>(() => Train(run, "types"));

        Assert.Contains($"learn \"types\": no nucleus of the sets in {key} has a type", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>What types were learned from binds the model that learned them, and each that begins with it.</summary>
    [Fact]
    public async Task TheDataOfTypesIsNamedByAllThatComesOfIt()
    {
        await StartAsync();
        var run = Run("start.onnx", 2);
        run = run with { Train = [run.Train[0] with { Name = "theirs", Licence = "CC BY-NC 4.0", Source = "elsewhere" }] };
        Train(run, "types");
        File.WriteAllText(At("run.json"), run.ToJson());
        Assert.Equal(0, await TrainingProgram.RunAsync(["export", At("run.json"), Path.Combine(At("types"), "last.safetensors"), "-o", At("typed.onnx")]));
        var typed = Card(At("typed.onnx"));
        Assert.EndsWith("; non-commercial use only, as theirs (CC BY-NC 4.0) asks", typed.Licence, StringComparison.Ordinal);

        // Learned again, it says so once; a model that begins with it names the data as its start's.
        run = run with { StartFrom = "typed.onnx" };
        File.WriteAllText(At("run.json"), run.ToJson());
        Assert.Equal(0, await TrainingProgram.RunAsync(["export", At("run.json"), Path.Combine(At("types"), "last.safetensors"), "-o", At("again.onnx")]));
        Assert.Equal((typed.Licence, typed.Outputs), (Card(At("again.onnx")).Licence, Card(At("again.onnx")).Outputs));
        var later = run with { Learn = "all", Train = [run.Train[0] with { Name = "ours", Licence = "CC0", Source = "here" }] };
        var data = DataOfRun.Of(later, _folder.Path, basis: null);
        Assert.Equal(("start", "CC BY-NC 4.0"), Assert.Single(data.Where(d => d.Name == "theirs").Select(d => (d.Use, d.Licence))));
        Assert.Throws<TrainingException>(() => Shipping.Check(data.Where(d => d.Licence.Length > 0), "run"));
    }

    [Fact]
    public async Task AnExportCanGoAPartOfTheWayFromTheStart()
    {
        var start = await StartAsync();
        var run = Run("start.onnx", 6) with { Learn = "all" };
        Train(run, "all");
        File.WriteAllText(At("all.json"), run.ToJson());
        foreach (var (share, model) in new[] { ("1", "end.onnx"), ("0.25", "part.onnx") })
        {
            string[] arguments = ["export", At("all.json"), Path.Combine(At("all"), "last.safetensors"), "-o", At(model), "--share", share];
            Assert.Equal(0, await TrainingProgram.RunAsync(arguments));
        }

        var (a, b, c) = (Weights(start), Weights(At("end.onnx")), Weights(At("part.onnx")));
        Assert.Equal(b.Keys.Order(), c.Keys.Order());
        foreach (var (name, part) in c)
        {
            var expected = a.TryGetValue(name, out var began) ? (0.75 * began) + (0.25 * b[name]) : b[name];
            Assert.True((part - expected).abs().max().ToSingle() < 1e-5, name);
        }

        // A run that began at random has no start to go back to.
        File.WriteAllText(At("random.json"), (run with { StartFrom = null }).ToJson());
        Assert.Equal(
            3,
            await TrainingProgram.RunAsync(["export", At("random.json"), Path.Combine(At("all"), "last.safetensors"), "-o", At("none.onnx"), "--share", "0.5"])
        );
    }

    [Fact]
    public void WhatCantBeIsToldBeforeARunBegins()
    {
        var run = Run("start.onnx", 4);
        Assert.Contains("types: as many as network.types.count", Problem(run with { Types = [_types[0]] }), StringComparison.Ordinal);
        Assert.Contains(
            "\"blue\" stands for two",
            Problem(run with { Types = [_types[0] with { Also = ["blue"] }, _types[1] with { Name = "blue" }] }),
            StringComparison.Ordinal);
        Assert.Contains("learn \"types\": needs network.types and startFrom", Problem(run with { StartFrom = null }), StringComparison.Ordinal);
        Assert.Contains("learn: \"all\" or \"types\"", Problem(run with { Learn = "nothing" }), StringComparison.Ordinal);
        Assert.Contains("a colour of three numbers", Problem(run with { Types = [_types[0] with { Colour = [1, 2] }, _types[1]] }), StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(At("data"), "types", "discs_11.csv"), "label,type\n1,green\n");
        var error = Assert.Throws<TrainingException>(() => DataSet.Load(run.Train[0], _folder.Path, _types));
        Assert.Contains("discs_11.csv", error.Message, StringComparison.Ordinal);
        Assert.Contains("'green', which is none of the run's types (Red, Blue)", error.Message, StringComparison.Ordinal);

        string Problem(TrainingConfiguration wrong) => string.Join("; ", ConfigurationRules.Problems(wrong, _folder.Path));
    }

    [Fact]
    public void APointGivesItsTypeToTheNucleusThatHoldsItOrTheNearest()
    {
        var labels = new LabelImage(40, 20);
        foreach (var (label, x) in new[] { (1, 5), (2, 15), (3, 30) })
        {
            for (var i = 0; i < 16; i++)
            {
                labels.Labels[((5 + (i / 4)) * 40) + x + (i % 4)] = label;
            }
        }

        (Vector2, string)[] points = [(new(7, 7), "a"), (new(13, 7), "b"), (new(25, 7), "c"), (new(6, 6), "z"), (new(-5, 50), "d")];
        Assert.Equal(new Dictionary<int, string> { [1] = "a", [2] = "b" }, PointedTiles.TypesOf(labels, points, 3).ToDictionary());
        Assert.Equal(3, PointedTiles.TypesOf(labels, points, 6).Count);
    }

    [Fact]
    public async Task PointsBecomeATrainingSet()
    {
        Directory.CreateDirectory(At("points"));
        File.WriteAllText(Path.Combine(At("points"), "discs_11.csv"), "x,y,type\n80,80,lymphocyte\n");
        Assert.Equal(
            0,
            await TrainingProgram.RunAsync([
                "datasets",
                "points",
                At("points"),
                "--images",
                Path.Combine(At("data"), "images"),
                "--mpp",
                "0.25",
                "-o",
                At("pointed"),
                "--licence",
                "CC0",
            ]));
        Assert.Equal(0.25, DataSetInfo.Read(At("pointed"))!.Mpp);
        Assert.Single(TileFile.In(At("pointed")));
        Assert.Equal(3, await TrainingProgram.RunAsync(["datasets", "points", At("points"), "--images", At("points"), "-o", At("other")]));
        Assert.False(Directory.Exists(At("other")));
    }

    private static ModelCard Card(string path) => ModelCard.Parse(File.ReadAllBytes(ModelCard.PathFor(path)), path);

    private static Dictionary<string, Tensor> Weights(string path) =>
        StartingWeights.OfModel(File.ReadAllBytes(path), ModelCard.Parse(File.ReadAllBytes(ModelCard.PathFor(path)), path), path);

    private string At(string name) => Path.Combine(_folder.Path, name);

    // A network that has learned next to nothing: outlines must stay whatever they are.
    private async Task<string> StartAsync()
    {
        var run = Run(start: null, 6) with { Types = [], Learn = "all", Network = Drawn.TinyNetwork };
        Train(run, "start");
        File.WriteAllText(At("start.json"), run.ToJson());
        Assert.Equal(
            0,
            await TrainingProgram.RunAsync([
                "export",
                At("start.json"),
                Path.Combine(At("start"), "last.safetensors"),
                "-o",
                At("start.onnx"),
                "--int8",
                At("start8.onnx"),
            ]));
        return At("start.onnx");
    }

    private void Train(TrainingConfiguration run, string folder)
    {
        using var trainer = new Trainer(run, _folder.Path, At(folder), TextWriter.Null);
        trainer.Run(CancellationToken.None);
    }

    private static TrainingConfiguration Run(string? start, int steps) => new()
    {
        Name = "tiny",
        Network = Drawn.TinyNetwork with { Types = new TypeBranch { Count = 2, Width = 16, Level = 0 } },
        Types = _types,
        Learn = "types",
        StartFrom = start,
        Train = [new DataSetConfiguration { Name = "data", Folder = "data", Mpp = 0.25 }],
        Validate = [new DataSetConfiguration { Name = "held", Folder = "held", Mpp = 0.25 }],
        Augmentation = new Augmentation { PlainShare = 1 },
        FeatureCrops = 12,
        LearningRate = 0.01,
        AverageDecay = 0.9,
        Steps = steps,
        Batch = 4,
        CropSize = 64,
        ValidateEvery = 4,
        WarmUp = 2,
        Threads = 1,
    };
}
