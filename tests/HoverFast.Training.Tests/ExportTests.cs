using HoverFast.Model;
using HoverFast.Training.Commands;
using HoverFast.Training.Export;
using HoverFast.Training.Networks;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Torch;
using Xunit;
using static TorchSharp.torch;

namespace HoverFast.Training.Tests;

public sealed class ExportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _path;
    private readonly string _weights;

    public ExportTests()
    {
        LibTorch.Prepare(1);
        _path = Drawn.Run(_folder.Path, 1);
        _weights = Path.Combine(_folder.Path, "weights.safetensors");
        using var network = new UNet(Drawn.TinyNetwork, seed: 3, bfloat16: false, CPU);
        TensorFile.Write(_weights, network.Parameters.Concat(network.Statistics).ToDictionary(p => p.Key, p => p.Value), new Dictionary<string, string>());
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>The start's data, its name and hash, the day, the user's words, and the scores before.</summary>
    [Fact]
    public async Task TheCardKeepsWhatTheModelBeganWith()
    {
        Rewrite(r =>
            r with
            {
                Train = [r.Train[0] with { Source = "elsewhere", Licence = "CC BY 4.0" }],
                Licence = "CC0-1.0",
                Limits = "Only discs.",
                Version = "7",
            });
        Assert.Equal(0, await Export("first.onnx"));
        var first = NucleusModelCard("first.onnx");
        Assert.Equal(("CC0-1.0", "Only discs.", "7"), (first.Licence, first.Limits, first.Version));
        Assert.Equal(DateTime.UtcNow.ToString("yyyy-MM-dd"), first.Created);
        Assert.Null(first.Base);

        // No startCard: the card beside the model is read.
        Rewrite(r => r with { StartFrom = "first.onnx", Licence = "", Train = [r.Train[0] with { Source = "here", Licence = "CC BY-NC-SA 4.0" }] });
        Assert.Equal(0, await Export("second.onnx"));
        var second = NucleusModelCard("second.onnx");
        Assert.Equal("start", Assert.Single(second.Data, d => d.Source == "elsewhere").Use);
        Assert.Equal(new ModelCard.BaseModel("first", first.Sha256), second.Base);
        Assert.Equal(first.Scores, second.ScoresBefore);
        Assert.Equal("not stated; made from first (CC0-1.0); non-commercial use only, as drawn (CC BY-NC-SA 4.0) asks", second.Licence);

        // What forbids commercial use may not ship, nor what states no licence.
        Assert.Equal(3, await Export("third.onnx", "--for-shipping"));
        Assert.False(File.Exists(Path.Combine(_folder.Path, "third.onnx")));
        Rewrite(r => r with { StartFrom = null, Train = [r.Train[0] with { Licence = "CC0" }], Validate = [] });
        Assert.Equal(0, await Export("third.onnx", "--for-shipping"));
        Rewrite(r => r with { Train = [r.Train[0] with { Licence = "" }] });
        Assert.Contains(
            "drawn (licence not stated)",
            Assert
                .Throws<TrainingException>(() => Shipping.Check(DataOfRun.Of(TrainingConfiguration.Read(_path), _folder.Path, null), _path))
                .Message,
            StringComparison.Ordinal);
    }

    /// <summary>A run owes something to all that its start's file of weights learned from, over any number of runs, and to what it was held to.</summary>
    [Fact]
    public void WhatWeightsLearnedFromIsNamedByRunsThatBeginWithThem()
    {
        var run = TrainingConfiguration.Read(_path) with { Validate = [] };
        var (theirs, ours) = (Set("theirs", "CC BY-NC 4.0"), Set("ours", "CC0"));
        Train(run with { Train = [theirs] }, "first");
        Train(run with { Train = [ours], StartFrom = "first/best.safetensors" }, "second");
        var keep = new KeepSettings { Sets = [Set("kept", "CC BY-NC-SA 4.0")] };
        var third = run with { Train = [ours], StartFrom = "second/last.safetensors", Keep = keep };

        var data = DataOfRun.Of(third, _folder.Path, basis: null);

        Assert.Equal([("theirs", "start"), ("ours", "train"), ("kept", "kept")], data.Select(d => (d.Name, d.Use)));
        var refused = Assert.Throws<TrainingException>(() => Shipping.Check(data, "run"));
        Assert.Contains("theirs (CC BY-NC 4.0), kept (CC BY-NC-SA 4.0)", refused.Message, StringComparison.Ordinal);

        // A file of an older version tells its own run alone.
        using var scope = NewDisposeScope();
        var older = new Dictionary<string, string> { ["configuration"] = (run with { Train = [theirs] }).ToJson() };
        TensorFile.Write(_weights, TrainedWeights.Read(_weights).Weights, older);
        Assert.Contains(DataOfRun.Of(run with { StartFrom = _weights }, _folder.Path, basis: null), d => (d.Name, d.Use) == ("theirs", "start"));

        Data.DataSetConfiguration Set(string name, string licence) => run.Train[0] with { Name = name, Licence = licence, Source = "of " + name };

        void Train(TrainingConfiguration of, string folder)
        {
            using var trainer = new Trainer(of, _folder.Path, Path.Combine(_folder.Path, folder), TextWriter.Null);
            trainer.Run(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task APlaceThatCantTakeAModelIsSeenFirst()
    {
        Assert.Equal(3, await Export("data"));
        Assert.Equal(3, await Export("model.bin"));
        File.WriteAllText(Path.Combine(_folder.Path, "taken.onnx"), "mine");
        Assert.Equal(3, await Export("taken.onnx"));
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_folder.Path, "taken.onnx")));
        Assert.Equal(0, await Export("taken.onnx", "--overwrite"));
        Assert.Equal("taken", NucleusModelCard("taken.onnx").Name);
        Assert.Contains(
            "is a folder",
            Assert.Throws<TrainingException>(() => ModelOutput.Check(_folder.Path, overwrite: true)).Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder.Path), f => f.EndsWith(".partial", StringComparison.Ordinal));
    }

    /// <summary>Neither file may take the other's place, nor its card's.</summary>
    [Theory]
    [InlineData("both.onnx")]
    [InlineData("both.ONNX")]
    public async Task TheEightBitModelIsNotWrittenOverTheFloatOne(string integer)
    {
        Assert.Equal(3, await Export("both.onnx", "--int8", Path.Combine(_folder.Path, ".", integer)));
        Assert.Equal(3, await Export("both.onnx", "--overwrite", "--int8", Path.Combine(_folder.Path, integer)));
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "both.*"));
    }

    [Theory]
    [InlineData("CC BY-NC-SA 4.0", true)]
    [InlineData("CC BY-NC 3.0", true)]
    [InlineData("for non-commercial use", true)]
    [InlineData("Research only", true)]
    [InlineData("CC BY 4.0", false)]
    [InlineData("CC0", false)]
    [InlineData("BSD-3-Clause; principles of NCI", false)]
    public void ALicencesWordsAreUnderstood(string licence, bool bound) => Assert.Equal(bound, Data.DataLicence.IsNonCommercial(licence));

    private void Rewrite(Func<TrainingConfiguration, TrainingConfiguration> change) =>
        File.WriteAllText(_path, change(TrainingConfiguration.Read(_path)).ToJson());

    private ModelCard NucleusModelCard(string name)
    {
        var path = ModelCard.PathFor(Path.Combine(_folder.Path, name));
        return ModelCard.Parse(File.ReadAllBytes(path), path);
    }

    private Task<int> Export(string name, params string[] more) =>
        TrainingProgram.RunAsync(["export", _path, _weights, "-o", Path.Combine(_folder.Path, name), .. more]);
}
