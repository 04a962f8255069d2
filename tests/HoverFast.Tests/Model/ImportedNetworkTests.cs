using System.Globalization;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using HoverFast.Model;
using HoverFast.Model.Checkpoints;
using HoverFast.Model.Networks;
using HoverFast.Model.Onnx;
using HoverFast.Slides;
using HoverFast.Tests.Guards;
using HoverFast.Tests.Slides;
using Microsoft.ML.OnnxRuntime;
using Xunit;

namespace HoverFast.Tests.Model;

public sealed class ImportedNetworkTests
{
    [Fact]
    public void The_published_hoverfast_network_gives_the_published_numbers()
    {
        using var checkpoint = Checkpoint.Open(SharedData.Require("parity", "hoverfast", "checkpoint.pth"));
        var image = RgbImageFile.Read(SharedData.Require("parity", "hoverfast", "input.png"));
        var (graph, card) = ModelImporter.Build(checkpoint, NetworkOutputs.MapsAndRaw);
        var raw = Run(graph, image);
        AssertClose(NumpyFile.Read(SharedData.Require("parity", "hoverfast", "expected_mask_logits.npy")), raw["raw_mask"], 1e-4f);
        AssertClose(NumpyFile.Read(SharedData.Require("parity", "hoverfast", "expected_hv.npy")), raw["raw_hv"], 1e-4f);
        Assert.InRange(card.Parameters, 930_000, 950_000);
        Assert.InRange(card.MultiplyAddsPerPixel, 240_000, 252_000);
    }

    [Fact]
    public void An_imported_hoverfast_checkpoint_runs_as_a_model_of_ours()
    {
        var path = SharedData.Require("parity", "hoverfast", "checkpoint_legacy.pth");
        using var folder = new TemporaryFolder();
        var card = ModelImporter.Import(path, folder.File("published.onnx"), new ModelImportOptions { Licence = "BSD-3-Clause-Clear" });
        Assert.Equal(["published.card.json", "published.onnx"], Directory.GetFiles(folder.Path).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal));
        Assert.Equal("published", card.Name);
        using var model = NucleusModel.Load(folder.File("published.onnx"));
        Assert.Equal(card.Sha256, model.Card.Sha256);
        Assert.Equal(card.ReceptiveRadius, model.Card.ReceptiveRadius);
        var image = RgbImageFile.Read(SharedData.Require("parity", "hoverfast", "input.png"));
        var maps = model.Run(image);
        var (_, mask) = NumpyFile.Read(SharedData.Require("parity", "hoverfast", "expected_mask_logits.npy"));
        var (_, hv) = NumpyFile.Read(SharedData.Require("parity", "hoverfast", "expected_hv.npy"));
        var n = maps.Width * maps.Height;
        for (var i = 0; i < n; i++)
        {
            Assert.InRange(maps.Probability[i] - (255 / (1 + Math.Exp(mask[i] - mask[n + i]))), -0.55, 0.55);
            Assert.InRange(maps.Horizontal[i] - (100 * Math.Clamp(hv[i], -1.27, 1.27)), -0.55, 0.55);
            Assert.InRange(maps.Vertical[i] - (100 * Math.Clamp(hv[n + i], -1.27, 1.27)), -0.55, 0.55);
        }
    }

    /// <summary>What no card may hold is told before anything is written: the model could never be loaded.</summary>
    [Theory]
    [InlineData("a\u001b[31mb", null, null)]
    [InlineData(null, "\u001b[2J", null)]
    [InlineData(null, null, 0.08)]
    [InlineData(null, null, 5000.0)]
    [InlineData(null, null, double.NaN)]
    public void What_no_card_may_hold_is_refused_before_a_model_is_written(string? name, string? licence, double? mpp)
    {
        var path = SharedData.Require("parity", "hoverfast", "checkpoint_legacy.pth");
        using var folder = new TemporaryFolder();

        Assert.Throws<ModelException>(() => ModelImporter.Import(
            path, folder.File("x.onnx"), new ModelImportOptions { Name = name, Licence = licence, Mpp = mpp }));
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    /// <summary>Each tensor holds numbers; what batch norm makes of them does not.</summary>
    [Theory]
    [InlineData(-1, 1)]
    [InlineData(1, 1e38f)]
    public void Layers_that_batch_norm_makes_nan_or_infinite_are_refused(float variance, float weight)
    {
        var graph = new OnnxGraph("norm");
        var planes = graph.RgbToPlanes(graph.Input("image", OnnxType.UInt8, 1, "height", "width", 3), 1);
        var network = new NetworkBuilder(new SameWeights(variance, weight), graph);
        var picture = new NetworkBuilder.Feature(planes, 3, 16);
        var error = Assert.Throws<ModelException>(() => network.Conv(picture, "a", 4, 3, "b"));
        Assert.Contains("the layer a with b holds NaN", error.Message, StringComparison.Ordinal);
        if (variance < 0)
        {
            Assert.Contains("the layer b holds NaN", Assert.Throws<ModelException>(() => network.NormRelu(picture, "b")).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_halo_of_the_receptive_radius_makes_hoverfast_independent_of_the_tile()
    {
        using var checkpoint = Checkpoint.Open(SharedData.Require("parity", "hoverfast", "checkpoint.pth"));
        var (graph, card) = ModelImporter.Build(checkpoint, NetworkOutputs.MapsAndRaw);
        var image = RgbImageFile.Read(SharedData.Require("parity", "hoverfast", "input.png"));
        var whole = Run(graph, image)["raw_hv"].Data;

        // The right part of the picture alone: its columns from the radius on must not notice.
        const int From = 64;
        var part = new RgbImage(256 - From, 256);
        for (var y = 0; y < 256; y++)
        {
            image.Row(y)[(From * 3)..].CopyTo(part.Row(y));
        }

        var alone = Run(graph, part)["raw_hv"].Data;
        var largest = 0f;
        var outside = 0f;
        for (var y = 0; y < 256; y++)
        {
            for (var x = 0; x < part.Width; x++)
            {
                var difference = Math.Abs(alone[(y * part.Width) + x] - whole[(y * 256) + x + From]);
                if (x >= card.ReceptiveRadius)
                {
                    largest = Math.Max(largest, difference);
                }
                else
                {
                    outside = Math.Max(outside, difference);
                }
            }
        }

        Assert.InRange(largest, 0f, 1e-4f);
        Assert.True(outside > 1e-3f, "the picture's edge must matter within the radius, or this test shows nothing");
    }

    [Fact]
    public void Made_up_weights_follow_the_rule_of_the_reference()
    {
        var expected = Fill("d0.units.0.conv1.weight", [64, 64, 1, 1], 4096);
        var weights = new FormulaWeights(new Dictionary<string, long[]>(StringComparer.Ordinal));
        Assert.Equal(expected, weights.Floats("d0.units.0.conv1.weight", 64, 64, 1, 1));
        Assert.Equal(Fill("a.running_var", [7], 7), weights.Floats("a.running_var", 7));
    }

    [Theory]
    [InlineData("hoverfast-network-formula", 930_000, 950_000, 240_000, 252_000)]
    [InlineData("hovernet-fast-formula", 33_000_000, 38_000_000, 4_500_000, 9_000_000)]
    public void The_published_networks_can_be_made_without_a_checkpoint(string name, int fewest, int most, double leastWork, double mostWork)
    {
        var (_, card) = FormulaModel.Build(name, NetworkOutputs.Maps);
        Assert.InRange(card.Parameters, fewest, most);
        Assert.InRange(card.MultiplyAddsPerPixel, leastWork, mostWork);
    }

    /// <summary>
    /// Needs no reference files: what HoVer-Net with made-up weights gave on a tile in the repository when it also gave the published numbers
    /// (<see cref="Hovernet_gives_the_published_numbers"/>).
    /// </summary>
    [Fact]
    public void Hovernet_gives_the_numbers_that_it_gave()
    {
        var (graph, _) = FormulaModel.Build("hovernet-fast-formula", NetworkOutputs.MapsAndRaw);
        var tile = RgbImageFile.Read(LabelledTiles.Image("tnbc", "09_1"));
        var results = Run(graph, TestPicture.Crop(tile, new PixelRect(32, 32, 256, 256)));
        var found = ((string[])["raw_np", "raw_hv", "raw_tp"])
            .SelectMany(name => Enumerable.Range(1, 4).Select(i => results[name].Data[i * results[name].Data.Length / 5]))
            .ToArray();
        float[] expected =
        [
            -64.20498f,
            -65.48038f,
            -48.035168f,
            -46.046616f,
            44.444454f,
            43.411938f,
            30.016773f,
            27.46981f,
            -3.8180745f,
            45.071648f,
            -9.69043f,
            9.517367f,
        ];
        Assert.True(
            found.Length == expected.Length && expected.Zip(found).All(p => Math.Abs(p.First - p.Second) <= 1e-3 * Math.Max(1, Math.Abs(p.First))),
            string.Join(", ", found));
    }

    [Theory]
    [InlineData("fast", 256, 164)]
    [InlineData("original", 270, 80)]
    public void Hovernet_gives_the_published_numbers(string mode, int input, int output)
    {
        var keys = SharedData.Require("parity", "hovernet", mode + "_state_dict_keys.json");
        using var folder = new TemporaryFolder();
        WriteByRule(keys, folder.File("hovernet.tar"));
        var image = RgbImageFile.Read(SharedData.Require("parity", "hovernet", mode + "_input.png"));
        using var checkpoint = Checkpoint.Open(folder.File("hovernet.tar"));
        Assert.Equal("desc", checkpoint.Layout);
        var (graph, card) = ModelImporter.Build(checkpoint, NetworkOutputs.MapsAndRaw);
        Assert.Equal((input, (input - output) / 2), (card.FixedInput, card.Margin));
        var results = Run(graph, image);
        Assert.Equal(mode == "fast" ? 6 : 4, results.Count);
        foreach (var (name, result) in results.Where(r => r.Key.StartsWith("raw_", StringComparison.Ordinal)))
        {
            AssertClose(NumpyFile.Read(SharedData.Require("parity", "hovernet", $"{mode}_expected_{name[4..]}.npy")), result, 1e-3f, relative: true);
        }

        var n = output * output;
        var np = results["raw_np"].Data;
        Assert.Equal([1, 1, output, output], results["probability"].Shape);
        Assert.All(Enumerable.Range(0, n), i => Assert.InRange(results["probability"].Data[i] - (255 / (1 + Math.Exp(np[i] - np[n + i]))), -0.51, 0.51));
        if (mode == "fast")
        {
            Assert.Equal(["Background", "Neoplastic", "Inflammatory", "Connective", "Dead", "Epithelial"], card.Types!.Select(t => t.Name));
            var tp = results["raw_tp"].Data;
            Assert.All(Enumerable.Range(0, n), i =>
                Assert.Equal(Enumerable.Range(0, 6).Max(t => tp[(t * n) + i]), tp[((int)results["types"].Data[i] * n) + i]));
        }
        else
        {
            Assert.Null(card.Types);
        }
    }

    [Fact]
    public void Checkpoints_of_other_networks_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        void Write(params string[] names)
        {
            var pickle = new PickleWriter().Op('}');
            foreach (var name in names)
            {
                pickle.Text(name).Tensor("FloatStorage", "0", 1, 0, [1, 1, 1, 1], [1, 1, 1, 1]).Op('s');
            }

            File.WriteAllBytes(folder.File("x.pth"), PickleWriter.Zip(pickle.Op('.').ToArray(), [("0", new byte[4])]));
        }

        Write("fc.weight");
        Assert.Contains("neither HoverFast", Message(), StringComparison.Ordinal);
        Write("conv_bot.weight", "decoder.np.u0.conv.weight", "decoder.hv.u0.conv.weight", "decoder.np.u3.conva.weight");
        Assert.Contains("kernels of 1 pixels", Message(), StringComparison.Ordinal);
        Write("down_path.0.conv.weight", "up_path_m.0.up.weight", "last_m.weight");
        Assert.Contains("1 levels", Message(), StringComparison.Ordinal);
        Assert.Equal(["x.pth"], Directory.GetFiles(folder.Path).Select(f => Path.GetFileName(f)));

        string Message() => Assert.Throws<CheckpointException>(() => ModelImporter.Import(folder.File("x.pth"), folder.File("x.onnx"))).Message;
    }

    /// <summary>A scalar, and a layer without outputs, where a width is read.</summary>
    [Theory]
    [InlineData]
    [InlineData(0, 4, 1, 1)]
    public void Weights_that_hold_nothing_are_refused_by_name(params int[] shape)
    {
        using var folder = new TemporaryFolder();
        long[] strides = [.. shape.Select(_ => 1L)];
        var pickle = new PickleWriter().Op('}');
        foreach (var name in (string[])["down_path.0.conv.weight", "down_path.1.conv.weight", "up_path_m.0.up.weight", "last_m.weight"])
        {
            pickle.Text(name).Tensor("FloatStorage", "0", 4, 0, [.. shape], strides).Op('s');
        }

        File.WriteAllBytes(folder.File("x.pth"), PickleWriter.Zip(pickle.Op('.').ToArray(), [("0", new byte[16])]));

        var error = Assert.ThrowsAny<ModelException>(() => ModelImporter.Import(folder.File("x.pth"), folder.File("x.onnx")));

        Assert.Contains("down_path.0.conv.weight holds nothing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Type_names_come_from_the_published_form_of_list()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("types.json"), """{"0": ["background", [0, 0, 0]], "1": ["lymphocyte", [1, 2, 255]]}""");
        var types = NucleusTypes.Read(folder.File("types.json"), 2);
        Assert.Equal("lymphocyte", types[1].Name);
        Assert.Equal([1, 2, 255], types[1].Colour);
        Assert.Contains(
            "3 nucleus types",
            Assert.Throws<ModelException>(() => NucleusTypes.Read(folder.File("types.json"), 3)).Message,
            StringComparison.Ordinal);
        var numbered = NucleusTypes.Published(9);
        Assert.Equal(9, numbered.Select(t => string.Join(',', t.Colour)).Distinct(StringComparer.Ordinal).Count());
        Assert.All(numbered.SelectMany(t => t.Colour), c => Assert.InRange(c, 0, 255));
    }

    private static Dictionary<string, (int[] Shape, float[] Data)> Run(OnnxGraph graph, RgbImage image)
    {
        using var session = new InferenceSession(graph.ToBytes());
        using var input = OrtValue.CreateTensorValueFromMemory(
            OrtMemoryInfo.DefaultInstance,
            image.Pixels.AsMemory(0, image.Width * image.Height * 3),
            [1, image.Height, image.Width, 3]);
        using var options = new RunOptions();
        using var results = session.Run(options, ["image"], [input], session.OutputNames);
        return session.OutputNames.Zip(results).ToDictionary(
            r => r.First,
            r => (r.Second.GetTensorTypeAndShape().Shape.Select(d => (int)d).ToArray(), Floats(r.Second)),
            StringComparer.Ordinal);
    }

    private static float[] Floats(OrtValue value) => value.GetTensorTypeAndShape().ElementDataType switch
    {
        Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.Float => value.GetTensorDataAsSpan<float>().ToArray(),
        Microsoft.ML.OnnxRuntime.Tensors.TensorElementType.UInt8 => Array.ConvertAll(value.GetTensorDataAsSpan<byte>().ToArray(), b => (float)b),
        _ => Array.ConvertAll(value.GetTensorDataAsSpan<sbyte>().ToArray(), b => (float)b),
    };

    private static void AssertClose((int[] Shape, float[] Data) expected, (int[] Shape, float[] Data) actual, float tolerance, bool relative = false)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        var scale = relative ? expected.Data.Max(Math.Abs) : 1f;
        var worst = expected.Data.Zip(actual.Data, (e, a) => Math.Abs(e - a)).Max() / scale;
        TestContext.Current.TestOutputHelper?.WriteLine($"largest difference {worst:g3}");
        Assert.InRange(worst, 0f, tolerance);
    }

    /// <summary>A HoVer-Net checkpoint whose weights follow from the names of its tensors by a congruential generator.</summary>
    private static void WriteByRule(string keysPath, string path)
    {
        using var keys = JsonDocument.Parse(File.ReadAllBytes(keysPath));
        var pickle = new PickleWriter().Op('}').Text("desc").Op('}');
        var storages = new List<(string Key, Func<byte[]> Bytes)>();
        foreach (var key in keys.RootElement.EnumerateArray())
        {
            var name = key[0].GetString()!;
            var shape = key[1].EnumerateArray().Select(d => d.GetInt64()).ToArray();
            var count = shape.Aggregate(1L, (a, b) => a * b);
            var strides = new long[shape.Length];
            var stride = 1L;
            for (var d = shape.Length - 1; d >= 0; d--)
            {
                (strides[d], stride) = (stride, stride * shape[d]);
            }

            var storage = storages.Count.ToString(CultureInfo.InvariantCulture);
            var integer = key[2].GetString() == "int64";
            pickle.Text("module." + name).Tensor(integer ? "LongStorage" : "FloatStorage", storage, count, 0, shape, strides).Op('s');
            storages.Add((storage, integer ? () => new byte[8 * count] : () => MemoryMarshal.AsBytes(Fill(name, shape, (int)count).AsSpan()).ToArray()));
        }

        using var file = File.Create(path);
        PickleWriter.Zip(file, pickle.Op('s').Op('.').ToArray(), storages.Select(s => (s.Key, s.Bytes())));
    }

    private static float[] Fill(string name, long[] shape, int count)
    {
        var state = Crc32.HashToUInt32(Encoding.UTF8.GetBytes(name));
        var (offset, factor) =
            name.EndsWith("running_var", StringComparison.Ordinal) ? (1.25, 0.5)
            : name.EndsWith("running_mean", StringComparison.Ordinal) ? (0, 0.1)
            : name.EndsWith("unpool_mat", StringComparison.Ordinal) ? (1, 0)
            : shape.Length == 4 ? (0, Math.Sqrt(24.0 / (shape[1] * shape[2] * shape[3])))
            : name.EndsWith("weight", StringComparison.Ordinal) ? (1, 0.2)
            : (0, 0.2);
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            state = unchecked((1664525u * state) + 1013904223u);
            values[i] = (float)(offset + (factor * ((state / 4294967296.0) - 0.5)));
        }

        return values;
    }

    private sealed class SameWeights(float variance, float weight) : INetworkWeights
    {
        public IReadOnlyList<string> Names => [];

        public IReadOnlyDictionary<string, object> Settings { get; } = new Dictionary<string, object>(StringComparer.Ordinal);

        public bool Contains(string name) => true;

        public IReadOnlyList<long> ShapeOf(string name) => throw Error(name);

        public float[] Floats(string name, params long[] shape)
        {
            var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
            Array.Fill(values, name.EndsWith("running_var", StringComparison.Ordinal) ? variance : weight);
            return values;
        }

        public ModelException Error(string problem) => new("same weights", problem);
    }
}
