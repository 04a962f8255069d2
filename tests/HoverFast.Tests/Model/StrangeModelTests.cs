using System.Text.Json.Nodes;
using Google.Protobuf;
using HoverFast.Model;
using HoverFast.Model.Onnx;
using HoverFast.Model.Onnx.Wire;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Model;

/// <summary>Models are strangers' files: cards whose numbers can't be, graphs that would end the process or read other files.</summary>
public sealed class StrangeModelTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public StrangeModelTests() => _model = DarknessModel.Write(_folder.Path);

    public static TheoryData<string, string> Impossible =>
        new()
        {
            { "sha256", "null" },
            { "sha256", "\"abc\"" },
            { "name", "null" },
            { "name", "\"\"" },
            { "name", "\"a\\u001b[2J\"" },
            { "kind", "null" },
            { "precision", "null" },
            { "mpp", "0.01" },
            { "mpp", "0" },
            { "mpp", "-1" },
            { "mpp", "1e400" },
            { "mpp", "1000" },
            { "mpp", "null" },
            { "mpp", "\"0.25\"" },
            { "stride", "0" },
            { "stride", "1000000" },
            { "outputStride", "0" },
            { "outputStride", "1024" },
            { "margin", "-1" },
            { "margin", "100000" },
            { "receptiveRadius", "20000" },
            { "receptiveRadius", "-1" },
            { "receptiveRadius", "1e10" },
            { "fixedInput", "0" },
            { "fixedInput", "-256" },
            { "fixedInput", "1000000" },
            { "types", "[]" },
            { "types", "[null]" },
            { "types", "[{\"name\":null,\"colour\":[1,2,3]}]" },
            { "types", "[{\"name\":\"a\",\"colour\":[1,2]}]" },
            { "types", "[{\"name\":\"a\",\"colour\":[1,2,300]}]" },
            { "data", "null" },
            { "data", "[null]" },
            { "data", "[{\"use\":\"training\",\"images\":1,\"licence\":\"\",\"source\":\"\",\"mpp\":1}]" },
            { "data", "[{\"name\":\"a\",\"use\":\"\\u001b[2J\",\"images\":1,\"licence\":\"\",\"source\":\"\",\"mpp\":1}]" },
            { "data", "[{\"name\":\"a\",\"use\":\"training\",\"images\":1,\"licence\":\"\",\"source\":\"\\u001b]0;a\\u0007\",\"mpp\":1}]" },
            { "scores", "[{\"images\":1,\"pq\":1,\"aji\":1,\"dice\":1}]" },
            { "scores", "[{\"set\":\"\\u001b[31m\",\"images\":1,\"pq\":1,\"aji\":1,\"dice\":1}]" },
            { "typeScores", "[{\"set\":\"a\",\"images\":1,\"detection\":1,\"accuracy\":1,\"types\":{\"\\u001b[31m\":1}}]" },
            { "created", "\"\\u001b[31m\"" },
            { "base", "{}" },
            { "base", "{\"name\":\"\\u001b[31m\",\"sha256\":\"\"}" },
            { "elsewhere", "{\"name\":\"\\u001b[31m\",\"sha256\":\"\"}" },
            { "scores", "[null]" },
            { "parameters", "-1" },
            { "multiplyAddsPerPixel", "1e999" },
            { "network", "{\"widths\":[16]}" },
            { "network", "{\"widths\":[16,1000000]}" },
            { "network", "{\"widths\":null}" },
            { "description", "null" },
        };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Impossible))]
    public void ACardThatCanNotBeIsRefusedInOneLine(string field, string value)
    {
        NucleusModel.Load(_model).Dispose();
        var path = ModelCard.PathFor(_model);
        var text = File.ReadAllText(path);
        var card = JsonNode.Parse(text)!.AsObject();
        card.Remove(field);
        var rest = card.ToJsonString();
        File.WriteAllText(path, $"{rest[..^1]},\"{field}\":{value}}}");
        var error = Assert.Throws<ModelException>(() => NucleusModel.Load(_model));
        Assert.StartsWith(path + ": not a model card", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("shanull")]
    [InlineData("fixed0")]
    [InlineData("rr20k")]
    [InlineData("mpp001")]
    public void CardsThatWereSeenAreRefused(string name)
    {
        File.Copy(SharedData.Require("cases", "hostile", name + ".card.json"), ModelCard.PathFor(_model), overwrite: true);
        Assert.Throws<ModelException>(() => NucleusModel.Load(_model));
    }

    [Fact]
    public void AGraphWithoutTypesIsRefused()
    {
        // IR version 9, operator set 19, and a graph "g" whose only input is called "image" and says no more.
        byte[] graph = [0x08, 0x09, 0x42, 0x04, 0x0A, 0x00, 0x10, 0x13, 0x3A, 0x0C, 0x12, 0x01, 0x67, 0x5A, 0x07, 0x0A, 0x05, .. "image"u8];
        Replace(graph);
        Assert.Contains("no type", Assert.Throws<ModelException>(() => NucleusModel.Load(_model)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ConstantOfShape")]
    [InlineData("Expand")]
    [InlineData("Loop")]
    [InlineData("If")]
    [InlineData("RandomNormal")]
    public void OperationsThatNoNetworkForNucleiNeedsAreRefused(string operation)
    {
        var graph = Copy();
        graph.Output("more", graph.Node(operation, [graph.Inputs[0].Value]), OnnxType.Float);
        Replace(graph.ToBytes());
        Assert.Contains(operation, Assert.Throws<ModelException>(() => NucleusModel.Load(_model)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AConstantInAnotherFileIsRefused()
    {
        var proto = HoverFast.Model.Onnx.Wire.ModelProto.Parser.ParseFrom(File.ReadAllBytes(_model));
        var constant = new HoverFast.Model.Onnx.Wire.TensorProto { Name = "elsewhere", DataType = 1, DataLocation = 1 };
        constant.Dims.Add(4);
        constant.ExternalData.Add(Google.Protobuf.ByteString.CopyFrom([0x0A, 0x08, .. "location"u8, 0x12, 0x0B, .. "/etc/passwd"u8]));
        proto.Graph.Initializer.Add(constant);
        Replace(Google.Protobuf.MessageExtensions.ToByteArray(proto));
        Assert.Contains("another file", Assert.Throws<ModelException>(() => NucleusModel.Load(_model)).Message, StringComparison.Ordinal);
    }

    /// <summary>What a constant's own operation gives is held to the same rules.</summary>
    [Theory]
    [InlineData("elsewhere", "another file")]
    [InlineData("value", "too large")]
    [InlineData("value_floats", "too large")]
    [InlineData("of another operation", "a constant of its own")]
    [InlineData("several", "a constant of its own")]
    public void AConstantOfAnOperationIsHeldToTheRulesToo(string kind, string problem)
    {
        var proto = HoverFast.Model.Onnx.Wire.ModelProto.Parser.ParseFrom(File.ReadAllBytes(_model));
        var tensor = new HoverFast.Model.Onnx.Wire.TensorProto { DataType = 1 };
        tensor.Dims.Add(4);
        tensor.FloatData.AddRange([1f, 1f, 1000f, 1000f]);
        var constant = new HoverFast.Model.Onnx.Wire.NodeProto { OpType = kind == "of another operation" ? "Relu" : "Constant" };
        constant.Output.Add("scales");
        var attribute = new HoverFast.Model.Onnx.Wire.AttributeProto { Name = kind.StartsWith("value", StringComparison.Ordinal) ? kind : "value" };
        constant.Attribute.Add(attribute);
        switch (kind)
        {
            case "elsewhere":
                tensor.DataLocation = 1;
                attribute.T = tensor;
                break;
            case "value_floats":
                attribute.Floats.AddRange(tensor.FloatData);
                break;
            case "several":
                attribute.Tensors.Add(tensor);
                break;
            default:
                attribute.T = tensor;
                break;
        }

        var larger = new HoverFast.Model.Onnx.Wire.NodeProto { OpType = "Resize" };
        larger.Input.AddRange([proto.Graph.Node[0].Output[0], "", "scales"]);
        larger.Output.Add("larger");
        proto.Graph.Node.Add([constant, larger]);
        Replace(Google.Protobuf.MessageExtensions.ToByteArray(proto));

        Assert.Contains(problem, Assert.Throws<ModelException>(() => NucleusModel.Load(_model)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Upsample", "scales")]
    [InlineData("ConvTranspose", "strides")]
    public void NoAttributeMakesAPictureAThousandTimesLarger(string operation, string name)
    {
        var proto = HoverFast.Model.Onnx.Wire.ModelProto.Parser.ParseFrom(File.ReadAllBytes(_model));
        var node = new HoverFast.Model.Onnx.Wire.NodeProto { OpType = operation };
        node.Input.Add(proto.Graph.Node[0].Output[0]);
        node.Output.Add("larger");
        var attribute = new HoverFast.Model.Onnx.Wire.AttributeProto { Name = name };
        attribute.Floats.AddRange(operation == "Upsample" ? [1f, 1f, 1000f, 1000f] : []);
        attribute.Ints.AddRange(operation == "Upsample" ? [] : [1000L, 1000L]);
        node.Attribute.Add(attribute);
        proto.Graph.Node.Add(node);
        Replace(Google.Protobuf.MessageExtensions.ToByteArray(proto));

        Assert.Contains("too large", Assert.Throws<ModelException>(() => NucleusModel.Load(_model)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("hoverfast-he-fast")]
    public void AModelThatWasDisposedOfSaysSo(string? builtIn)
    {
        var model = builtIn is null ? NucleusModel.Load(_model) : NucleusModel.LoadBuiltIn(builtIn);
        var picture = new HoverFast.Slides.RgbImage(128, 128);
        model.Run(picture);
        model.Dispose();
        model.Dispose();

        Assert.Throws<ObjectDisposedException>(() => model.Run(picture));
        Assert.Throws<ObjectDisposedException>(() => model.StartBands(128, 128));
    }

    [Fact]
    public void APictureCanNotBeMadeAThousandTimesLarger()
    {
        var graph = Copy();
        graph.Output("more", graph.Node("Resize", [graph.Nodes[0].Outputs[0], null, graph.Constant("scales", [1f, 1f, 1000f, 1000f], 4)]), OnnxType.Float);
        Replace(graph.ToBytes());
        Assert.Contains("too large", Assert.Throws<ModelException>(() => NucleusModel.Load(_model)).Message, StringComparison.Ordinal);
    }

    /// <summary>They would find nothing, without a word.</summary>
    [Theory]
    [InlineData(float.NaN, "holds NaN")]
    [InlineData(float.PositiveInfinity, "infinite numbers")]
    [InlineData(float.NegativeInfinity, "infinite numbers")]
    public void WeightsThatAreNoNumbersAreRefused(float weight, string problem)
    {
        var graph = Copy();
        var weights = new float[3];
        weights[1] = weight;
        graph.Output("more", graph.Conv(graph.Nodes[1].Outputs[0], weights, [1, 3, 1, 1]), OnnxType.Float);
        Replace(graph.ToBytes());
        Assert.Contains(problem, Assert.Throws<ModelException>(() => NucleusModel.Load(_model)).Message, StringComparison.Ordinal);
    }

    /// <summary>Weights of half and double size, which are cast before they weigh.</summary>
    [Theory]
    [InlineData(10, 0x7e00UL, "holds NaN")]
    [InlineData(10, 0x7c00UL, "infinite numbers")]
    [InlineData(16, 0x7fc0UL, "holds NaN")]
    [InlineData(11, 0x7ff8000000000000UL, "holds NaN")]
    [InlineData(11, 0xfff0000000000000UL, "infinite numbers")]
    [InlineData(10, 0x3c00UL, null)]
    public void WeightsOfOtherSizesAreHeldToTheSame(int type, ulong bits, string? problem)
    {
        var graph = Copy();
        var weights = graph.Constant("narrow", [1f, 1f, 1f], 1, 3, 1, 1);
        graph.Output("more", graph.Node("Conv", [graph.Nodes[1].Outputs[0], graph.Cast(weights, OnnxType.Float)]), OnnxType.Float);
        var model = ModelProto.Parser.ParseFrom(graph.ToBytes());
        var narrow = model.Graph.Initializer.Single(c => c.Name == weights.Name);
        narrow.DataType = type;
        var each = BitConverter.GetBytes(bits)[..((OnnxType)type == OnnxType.Double ? 8 : 2)];
        narrow.RawData = ByteString.CopyFrom([.. each, .. each, .. each]);
        Replace(model.ToByteArray());

        var error = Record.Exception(() => NucleusModel.Load(_model).Dispose());

        Assert.Equal(problem is null, error is null);
        Assert.Contains(problem ?? "", error?.Message ?? "", StringComparison.Ordinal);
    }

    /// <summary>Where nothing is weighed an infinite number is a limit like others.</summary>
    [Fact]
    public void AnInfiniteLimitIsTaken()
    {
        var graph = Copy();
        graph.Output("more", graph.Clip(graph.Cast(graph.Nodes[0].Outputs[0], OnnxType.Float), 0, float.PositiveInfinity), OnnxType.Float);
        Replace(graph.ToBytes());
        NucleusModel.Load(_model).Dispose();
    }

    [Fact]
    public void AnotherModelsCardIsRefusedAndNoneClaimsItsHash()
    {
        var path = ModelCard.PathFor(_model);
        var card = JsonNode.Parse(File.ReadAllText(path))!;
        card["sha256"] = new string('0', 64);
        File.WriteAllText(path, card.ToJsonString());
        Assert.Contains("SHA-256", Assert.Throws<ModelException>(() => NucleusModel.Load(_model)).Message, StringComparison.Ordinal);

        // A card that claims nothing: the model is known by its bytes all the same.
        card["sha256"] = "";
        File.WriteAllText(path, card.ToJsonString());
        using var model = NucleusModel.Load(_model);
        Assert.Equal(ModelCard.HashOf(File.ReadAllBytes(_model)), model.Card.Sha256);
    }

    [Fact]
    public void ModelsAreToldApartByTheirBytesAndTheirCardsNumbers()
    {
        var path = ModelCard.PathFor(_model);
        var card = JsonNode.Parse(File.ReadAllText(path))!;
        card["sha256"] = "";
        var identities = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (field, value) in (ReadOnlySpan<(string, double)>)[("mpp", 0.5), ("mpp", 0.51), ("receptiveRadius", 3), ("receptiveRadius", 4)])
        {
            card[field] = value;
            File.WriteAllText(path, card.ToJsonString());
            using var model = NucleusModel.Load(_model);
            Assert.True(identities.Add(model.Identity));
        }

        var graph = Copy();
        graph.Metadata["more"] = "bytes";
        graph.Save(_model);
        using var other = NucleusModel.Load(_model);
        Assert.True(identities.Add(other.Identity));
    }

    private OnnxGraph Copy() => OnnxGraph.Parse(File.ReadAllBytes(_model), _model);

    private void Replace(byte[] graph)
    {
        File.WriteAllBytes(_model, graph);
        var path = ModelCard.PathFor(_model);
        var card = JsonNode.Parse(File.ReadAllText(path))!;
        card["sha256"] = "";
        File.WriteAllText(path, card.ToJsonString());
    }
}
