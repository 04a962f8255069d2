using System.Text.Json.Nodes;
using HoverFast.Training.Data;
using HoverFast.Training.Optimisation;
using Xunit;

namespace HoverFast.Training.Tests;

public sealed class ConfigurationRulesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _path;

    public ConfigurationRulesTests() => _path = Drawn.Run(_folder.Path, 4);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("batch", "0", "batch: 1 to 1024, not 0")]
    [InlineData("cropSize", "0", "cropSize: 16 to 4096, not 0")]
    [InlineData("cropSize", "65", "cropSize: a multiple of the network's stride 4, not 65")]
    [InlineData("workingMpp", "0", "workingMpp: 0.05 to 5, not 0")]
    [InlineData("validateEvery", "0", "validateEvery: 1 to 100000000, not 0")]
    [InlineData("steps", "0", "steps: 1 to 100000000, not 0")]
    [InlineData("steps", "-5", "steps: 1 to 100000000, not -5")]
    [InlineData("threads", "0", "threads: 1 to 1024, not 0")]
    [InlineData("learningRate", "0", "learningRate: above 0, at most 1, not 0")]
    [InlineData("learningRate", "-0.01", "learningRate: above 0, at most 1, not -0.01")]
    [InlineData("clip", "-1", "clip: above 0, not -1")]
    [InlineData("averageDecay", "1.5", "averageDecay: at least 0, below 1, not 1.5")]
    [InlineData("device", "\"tpu\"", "device: \"cpu\", \"cuda\" or \"cuda:N\", not \"tpu\"")]
    [InlineData("kind", "\"tutor\"", "kind: \"student\" or \"teacher\"")]
    [InlineData("name", "\"a/b\"", "name: a file's name")]
    [InlineData("train", "[]", "train: at least one data set")]
    [InlineData("train[0].weight", "-1", "train[0].weight: above 0, not -1")]
    [InlineData("train[0].mpp", "0", "train[0].mpp: missing")]
    [InlineData("train[0].mpp", "25", "train[0].mpp: 0.05 to 5, not 25")]
    [InlineData("train[0].mix", "1.1", "train[0].mix: 0 to 1, not 1.1")]
    [InlineData("validate[0].folder", "\"data\"", "validate \"drawn\": its folder data is trained on too")]
    [InlineData("validate[0].folder", "\"./held/../data/\"", "is trained on too")]
    [InlineData("augmentation.minScale", "2", "augmentation.minScale: not above augmentation.maxScale")]
    [InlineData("augmentation.blurShare", "1.5", "augmentation.blurShare: 0 to 1, not 1.5")]
    [InlineData("loss.hv", "-1", "loss.hv: at least 0, not -1")]
    [InlineData("soft.temperature", "0", "soft.temperature: above 0, at most 100, not 0")]
    [InlineData("network.widths", "[17, 32]", "widths are multiples of 16")]
    [InlineData("startFrom", "\"gone.onnx\"", "startFrom: there is no file")]
    [InlineData("startCard", "\"gone.card.json\"", "startCard: there is no file")]
    [InlineData("batch", "null", "not a training configuration")]
    [InlineData("train", "null", "not a training configuration")]
    [InlineData("learningrate", "1", "not a training configuration")]
    [InlineData("train", "[null]", "not a training configuration: $.train[0] is null")]
    [InlineData("types", "[null]", "not a training configuration: $.types[0] is null")]
    [InlineData("train[0].only", "[\"a\", null]", "not a training configuration: $.train[0].only[1] is null")]
    [InlineData("keep", "{ \"sets\": [null] }", "not a training configuration: $.keep.sets[0] is null")]
    public void AKeyThatBreaksARuleIsNamedWithTheFile(string key, string value, string words)
    {
        var json = JsonNode.Parse(File.ReadAllText(_path))!;
        JsonNode node = json;
        var parts = key.Replace("[0]", ".0", StringComparison.Ordinal).Split('.');
        foreach (var part in parts[..^1])
        {
            node = part == "0" ? node[0]! : node[part]!;
        }

        node[parts[^1]] = JsonNode.Parse(value);
        File.WriteAllText(_path, json.ToJsonString());

        var message = Assert.Throws<TrainingException>(() => TrainingConfiguration.Read(_path)).Message;
        Assert.StartsWith(_path + ": ", message, StringComparison.Ordinal);
        Assert.Contains(words, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void EveryBrokenRuleIsNamedAtOnce()
    {
        var run = TrainingConfiguration.Read(_path) with { Steps = 0, Batch = -1 };
        Assert.Equal(2, ConfigurationRules.Problems(run, _folder.Path).Count);
    }

    /// <summary>A number without a range would be taken whatever it is.</summary>
    [Fact]
    public void EveryNumberHasARange()
    {
        var numbers = new[]
        {
            typeof(TrainingConfiguration),
            typeof(DataSetConfiguration),
            typeof(Augmentation),
            typeof(LossWeights),
            typeof(SoftTargetSettings),
        }
            .SelectMany(t => t.GetProperties())
            .Where(p =>
                p.SetMethod is not null
                && (Nullable.GetUnderlyingType(p.PropertyType) ?? p.PropertyType) is var type
                && (type == typeof(int) || type == typeof(double)))
            .ToList();
        Assert.True(numbers.Count > 30);
        Assert.All(numbers, p => Assert.True(Attribute.IsDefined(p, typeof(WithinAttribute)), p.DeclaringType!.Name + "." + p.Name));
    }

    [Fact]
    public void OneFolderMayServeBothWhereTheTilesAreKeptApart()
    {
        var run = TrainingConfiguration.Read(_path);
        run = run with { Train = [run.Train[0] with { Only = ["discs_1"] }], Validate = [run.Train[0] with { Only = ["discs_2"] }] };
        Assert.Empty(ConfigurationRules.Problems(run, _folder.Path));
        Assert.Single(ConfigurationRules.Problems(run with { Validate = [run.Train[0]] }, _folder.Path));
    }

    [Fact]
    public void AFoldersOwnDescriptionFillsWhatIsLeftOut()
    {
        new DataSetInfo { Name = "drawn", Licence = "CC BY 4.0", Source = "drawn discs", Mpp = 0.25 }.Write(Path.Combine(_folder.Path, "data"));
        var json = JsonNode.Parse(File.ReadAllText(_path))!;
        json["train"]![0]!.AsObject().Remove("mpp");
        json["train"]![0]!.AsObject().Remove("licence");
        json["train"]![0]!["source"] = "mine";
        File.WriteAllText(_path, json.ToJsonString());

        var set = TrainingConfiguration.Read(_path).Train[0];

        Assert.Equal((0.25, "CC BY 4.0", "mine"), (set.Mpp, set.Licence, set.Source));

        // That of tissue to keep too.
        json["keep"] = new JsonObject { ["sets"] = new JsonArray(new JsonObject { ["name"] = "kept", ["folder"] = "data" }) };
        json["startFrom"] = "hoverfast-he-fast-float32";
        File.WriteAllText(_path, json.ToJsonString());
        set = Assert.Single(TrainingConfiguration.Parse(json.ToJsonString(), _path).Described(_folder.Path).Keep!.Sets);
        Assert.Equal((0.25, "CC BY 4.0", "drawn discs"), (set.Mpp, set.Licence, set.Source));
        File.WriteAllText(Path.Combine(_folder.Path, "data", "dataset.json"), "{ \"mpp\": \"coarse\" }");
        Assert.Contains(
            "dataset.json: doesn't describe a data set",
            Assert.Throws<TrainingException>(() => TrainingConfiguration.Read(_path)).Message,
            StringComparison.Ordinal);
    }
}
