using System.IO.Compression;
using System.Text.RegularExpressions;
using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Training.Adaptation;
using HoverFast.Training.Data;
using HoverFast.Training.Networks;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Torch;
using Xunit;
using static TorchSharp.torch;

namespace HoverFast.Training.Tests;

/// <summary>The parts of adapting.</summary>
public sealed class AdaptationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public AdaptationTests() => LibTorch.Prepare(1);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EachTileIsHeldOutOnce()
    {
        var parts = HeldOutTiles.Deal(["e", "a", "d", "b", "c"], runs: 3);

        Assert.Equal([["a", "d"], ["b", "e"], ["c"]], parts);
        Assert.Equal(2, HeldOutTiles.Deal(["a", "b"], runs: 3).Count);
    }

    [Fact]
    public void CopiesAreHeldOutTogether()
    {
        // b, d and e show one picture.
        var parts = HeldOutTiles.Deal(["a", "b", "c", "d", "e", "f"], runs: 3, n => n is "b" or "d" or "e" ? UInt128.One : n[0]);

        Assert.Equal([["b", "d", "e"], ["a", "f"], ["c"]], parts);
        Assert.Equal([["a"], ["b", "c"]], HeldOutTiles.Deal(["a", "b", "c"], runs: 3, n => n == "a" ? UInt128.Zero : UInt128.One).OrderBy(p => p[0]));
        Assert.Contains(
            "show the same picture",
            Assert.Throws<TrainingException>(() => HeldOutTiles.Deal(["a", "b"], runs: 2, _ => UInt128.One)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void TilesOfOnePatientAreHeldOutTogether()
    {
        Assert.Equal([["p1__a", "p1__b", "p1__c"], ["p2__a", "p2__b"]], HeldOutTiles.Deal(["p1__a", "p2__a", "p1__b", "p2__b", "p1__c"], runs: 3));

        // A copy binds two patients; a third is left to judge by.
        Assert.Equal(
            [["p1__a", "p2__a", "p2__b"], ["p3__d"]],
            HeldOutTiles.Deal(["p1__a", "p2__a", "p2__b", "p3__d"], runs: 3, n => n is "p1__a" or "p2__b" ? UInt128.One : n[^1]));

        // One patient alone, and names that tell none: each tile for itself, as before.
        Assert.Equal([["p1__a", "p1__c"], ["p1__b"]], HeldOutTiles.Deal(["p1__a", "p1__b", "p1__c"], runs: 2));
        Assert.Equal([["p1_a", "p2_a"], ["p1_b", "p2_b"]], HeldOutTiles.Deal(["p1_a", "p1_b", "p2_a", "p2_b"], runs: 2));
    }

    /// <summary>As the whole of adapting deals them, with pictures read from their files.</summary>
    [Fact]
    public void TheRunsKnowCopiesByTheirPictures()
    {
        var drawn = Enumerable.Range(1, 3).Select(seed => Drawn.Discs(64, seed)).ToList();
        Drawn.Write(_folder.Path, [.. drawn, new LabelledImage("twin", drawn[0].Image, drawn[0].Labels, drawn[0].Mpp)]);
        var plan = new AdaptationPlan
        {
            Tiles = new DataSetConfiguration { Name = "tiles", Folder = _folder.Path, Mpp = 0.25 },
            Names = ["discs_1", "discs_2", "discs_3", "twin"],
            Settings = new AdaptationSettings { Runs = 2 },
        };

        using var adapter = new Adapter(plan, StartingModel.Load("hoverfast-he-fast-float32"), _folder.Path, TextWriter.Null);

        Assert.Equal(["discs_1", "twin", "discs_2", "discs_3"], adapter.Tiles.Select(t => t.Name));
    }

    [Fact]
    public void WeightsAreMixedNumberByNumber()
    {
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> Weights(float value) => new() { ["w"] = tensor(new[] { value, 2 * value }) };

        Assert.Equal([4f, 8f], WeightMix.Mean([Weights(1), Weights(4), Weights(7)])["w"].data<float>().ToArray());
        var mixed = WeightMix.Of(Weights(1), Weights(4), 0.5);

        Assert.Equal([2.5f, 5f], mixed["w"].data<float>().ToArray());
        Assert.Equal([1f, 2f], WeightMix.Of(Weights(1), Weights(3), 0)["w"].data<float>().ToArray());
    }

    [Fact]
    public void TheBestHarmlessShareIsChosen()
    {
        Choice[] all = [Of(0.25, gain: 0.01, loss: 0), Of(0.5, gain: 0.03, loss: 0.008), Of(1, gain: 0.05, loss: 0.04)];

        Assert.Equal(0.5, Choice.Best(all, mostLoss: 0.01).Share);
        Assert.Equal(1, Choice.Best(all, mostLoss: 0.05).Share);

        // The mean of all runs goes further than they: half of the best gain is enough.
        Choice[] fading = [Of(0.25, gain: 0.01, loss: 0), Of(0.75, gain: 0.06, loss: 0), Of(1, gain: 0.04, loss: 0)];
        Assert.Equal((0.75, 1), (Choice.Best(fading, 0.01).Share, Choice.Best(fading, 0.01, isMean: true).Share));
        Assert.Equal(0.25, Choice.Best([Of(0.25, -0.01, 0), Of(1, -0.03, 0)], 0.01, isMean: true).Share);

        // One that loses PQ is not taken for what AJI gains, where another gains both.
        Choice[] apart = [Of(0.5, gain: 0.01, loss: 0, overlap: 2), Of(1, gain: -0.01, loss: 0, overlap: 2)];
        Assert.Equal((0.5, 0.5), (Choice.Best(apart, 0.01).Share, Choice.Best(apart, 0.01, isMean: true).Share));
        Assert.Equal(1, Choice.Best([Of(0.5, gain: -0.01, loss: 0, overlap: 2), apart[1]], 0.01).Share);

        // Where all do harm, the least.
        Assert.Equal(0.25, Choice.Best([Of(0.25, 0.01, 0.02), Of(1, 0.05, 0.3)], mostLoss: 0.01).Share);

        static Choice Of(double share, double gain, double loss, int overlap = 0) => new(share, Set(gain, overlap), [Set(0.1), Set(-loss)]);

        // PQ of one nucleus matched at IoU x is x.
        static PairedReport Set(double gain, int overlap = 0) => new("set", [new PairedScore("tile", Score(0.6), Score(0.6 + gain, overlap))]);

        static SegmentationScore Score(double pq, int overlap = 0) =>
            new()
            {
                TruthCount = 1,
                PredictedCount = 1,
                TruthPixels = 10,
                PredictedPixels = 10,
                SharedPixels = 8,
                AjiIntersection = 8 + overlap,
                AjiUnion = 12,
                Matched = 1,
                MatchedIou = pq,
                CentroidMatched = null,
            };
    }

    [Fact]
    public void PackedCropsComeBackWithTheirLabels()
    {
        var crop = CropSelection.Cut(Drawn.Discs(200, 3), new PixelRect(20, 30, 96, 80));
        var set = new RehearsalSet("drawn", 0.25, "CC0", "drawn here", [crop.Name], []);
        var file = Path.Combine(_folder.Path, "crops.zip");
        RehearsalPack.Write(file, [(set, [crop])]);
        var first = File.ReadAllBytes(file);
        RehearsalPack.Write(file, [(set, [crop])]);
        Assert.Equal(first, File.ReadAllBytes(file));

        var unpacked = Assert.Single(RehearsalPack.Unpack(file, Path.Combine(_folder.Path, "crops")));

        var image = Assert.Single(DataSet.Load(unpacked.ToLearn(1), "/").Images);
        Assert.Equal(new PixelSize(96, 80), image.Image.Size);
        Assert.Equal(crop.Labels.Labels, image.Labels.Labels);
        Assert.Equal(("CC0", "drawn here"), (unpacked.Licence, unpacked.Source));
    }

    [Fact]
    public void WhatNobodyKnowsOfACropIsPackedWithIt()
    {
        var drawn = Drawn.Discs(200, 3);
        var mask = new LabelImage(200, 200);
        for (var i = 0; i < mask.Labels.Length; i++)
        {
            mask.Labels[i] = i % 200 < 60 ? 255 : 0;
        }

        var known = CropSelection.Cut(drawn, new PixelRect(20, 30, 96, 80));
        var crop = CropSelection.Cut(new LabelledImage("masked", drawn.Image, drawn.Labels, drawn.Mpp) { Unsure = mask }, new PixelRect(20, 30, 96, 80));
        var set = new RehearsalSet("drawn", 0.25, "CC0", "drawn here", [known.Name, crop.Name], []);
        var file = Path.Combine(_folder.Path, "crops.zip");
        RehearsalPack.Write(file, [(set, [known, crop])]);

        var images = DataSet.Load(Assert.Single(RehearsalPack.Unpack(file, Path.Combine(_folder.Path, "crops"))).ToLearn(1), "/").Images;

        Assert.Null(images.Single(i => i.Name == known.Name).Unsure);
        Assert.Equal(
            [.. Enumerable.Range(0, 96 * 80).Select(i => i % 96 < 40)],
            images.Single(i => i.Name == crop.Name).Unsure!.Labels.Select(l => l != 0));
        using var zip = ZipFile.OpenRead(file);
        Assert.Equal(
            ["pack.json", "images/discs_3.jpg", "labels/discs_3.png", "images/masked.jpg", "labels/masked.png", "unsure/masked.png"],
            zip.Entries.Select(e => e.FullName.Replace("drawn/", "", StringComparison.Ordinal)));
    }

    /// <summary>A mask decides what is learned, so checkpoints made with another one are not gone on with.</summary>
    [Fact]
    public void CheckpointsBelongToTheirMasks()
    {
        var tiles = Path.Combine(_folder.Path, "tiles");
        Drawn.Write(tiles, Drawn.Discs(96, 1), Drawn.Discs(96, 2));
        using var work = new WorkFolder(Path.Combine(_folder.Path, "work"));
        var plan = Path.Combine(work.Path, "plan.json");
        Begin();
        var without = File.ReadAllText(plan);
        Assert.DoesNotContain("unsure", without, StringComparison.Ordinal);
        Begin();

        var mask = new LabelImage(96, 96);
        mask.Labels[0] = 1;
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(tiles, "unsure")).FullName, "discs_2.png");
        LabelImageFile.WritePng(file, mask);
        Refused();

        File.Delete(plan);
        Begin();
        Assert.Single(Regex.Matches(File.ReadAllText(plan), "\"unsure\": \"[0-9a-f]{64}\""));
        mask.Labels[1] = 1;
        LabelImageFile.WritePng(file, mask);
        Refused();

        void Begin() => Assert.ThrowsAny<OperationCanceledException>(Run);

        void Refused() => Assert.Contains("other tiles", Assert.Throws<TrainingException>(Run).Message, StringComparison.Ordinal);

        // Stopped as soon as it has said what it is going to do.
        void Run() => new AdaptationJob(
            StartingModel.Load("hoverfast-he-fast-float32"), new AdaptedModelFiles(Path.Combine(_folder.Path, "ours.onnx")), work, TextWriter.Null)
        {
            Tiles = TileCheck.Run(tiles, 0.25, cancellation: TestContext.Current.CancellationToken),
        }.Run(TextWriter.Null, new CancellationToken(canceled: true));
    }

    [Fact]
    public void AFileThatIsNoPackIsRefused()
    {
        var file = Path.Combine(_folder.Path, "ours.rehearsal.zip");
        File.WriteAllText(file, "no ZIP");

        Assert.Contains(file, Assert.Throws<TrainingException>(() => RehearsalPack.Unpack(file, _folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NoCropLiesOutsideItsFolder()
    {
        var file = Path.Combine(_folder.Path, "evil.zip");
        RehearsalPack.Write(file, [(new RehearsalSet("../../evil", 0.25, "", "", ["discs_3"], []), [Drawn.Discs(64, 3)])]);

        Assert.Throws<TrainingException>(() => RehearsalPack.Unpack(file, Path.Combine(_folder.Path, "crops")));
        Assert.Equal(["evil.zip"], Directory.GetFileSystemEntries(_folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void TheProgramsOwnCropsAreOfTheThreeSets()
    {
        var sets = RehearsalPack.UnpackBuiltIn(_folder.Path);

        Assert.Equal([("nuinsseg", 44, 22), ("tnbc", 16, 8), ("consep", 12, 6)], sets.Select(s => (s.Name, s.Learned.Count, s.Checked.Count)));
        Assert.All(sets, s => Assert.NotEmpty(s.Licence));
        Assert.All(sets.SelectMany(s => DataSet.Load(s.ToCheck(), "/").Images), i => Assert.NotEmpty(i.Instances));
    }

    [Fact]
    public void KeepingHoldsTheAnswersWhereLearningAloneChangesThem()
    {
        // Taught that pale discs are nuclei, a network that knew dark ones must go on finding these.
        Drawn.Write(Path.Combine(_folder.Path, "dark"), Drawn.Discs(160, 1), Drawn.Discs(160, 2));
        Drawn.Write(Path.Combine(_folder.Path, "pale"), Drawn.Discs(160, 3, (250, 245, 250)), Drawn.Discs(160, 4, (250, 245, 250)));
        var dark = new DataSetConfiguration
        {
            Name = "dark",
            Folder = "dark",
            Mpp = 0.25,
        };
        var run = new TrainingConfiguration
        {
            Name = "tiny",
            Network = Drawn.TinyNetwork,
            Train = [dark],
            Steps = 80,
            Batch = 4,
            CropSize = 64,
            ValidateEvery = 80,
            WarmUp = 2,
            Threads = 1,
            AverageDecay = 0.9,
        };
        var start = Train(run, "start", null);
        var other = run with { Train = [new DataSetConfiguration { Name = "pale", Folder = "pale", Mpp = 0.25 }], Steps = 30, FreezeNorm = true };

        var forgetful = Distance(Train(other, "forgetful", start));
        var faithful = Distance(Train(other with { Keep = new KeepSettings { Sets = [dark], Batch = 4, Weight = 20 } }, "faithful", start));

        Assert.True(faithful < 0.5 * forgetful, $"{faithful} with keeping, {forgetful} without");

        IReadOnlyDictionary<string, Tensor> Train(TrainingConfiguration configuration, string name, IReadOnlyDictionary<string, Tensor>? from)
        {
            var folder = Path.Combine(_folder.Path, name);
            using (var trainer = new Trainer(configuration, _folder.Path, folder, TextWriter.Null, from))
            {
                trainer.Run(TestContext.Current.CancellationToken);
            }

            return TrainedWeights.Read(Path.Combine(folder, "last.safetensors")).Weights;
        }

        // How far the probabilities on a dark picture lie from the start's.
        double Distance(IReadOnlyDictionary<string, Tensor> weights)
        {
            var picture = Drawn.Discs(128, 9).Image;
            var (a, b) = (Answer(start), Answer(weights));
            return a.Zip(b, (x, y) => Math.Abs(x - y)).Average();

            byte[] Answer(IReadOnlyDictionary<string, Tensor> of)
            {
                using var network = new UNet(run.Network, 1, bfloat16: false, CPU);
                network.Load(of);
                return Validation.Predict(network, picture).Probability;
            }
        }
    }
}
