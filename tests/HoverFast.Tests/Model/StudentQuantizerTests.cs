using HoverFast.Model;
using HoverFast.Model.Onnx;
using HoverFast.Model.Onnx.Wire;
using HoverFast.Model.Quantization;
using HoverFast.Slides;
using Microsoft.ML.OnnxRuntime;
using Xunit;

namespace HoverFast.Tests.Model;

public sealed class StudentQuantizerTests
{
    [Theory]
    [InlineData(nameof(RangeRule.Largest), true, false)]
    [InlineData(nameof(RangeRule.Percentile), true, false)]
    [InlineData(nameof(RangeRule.LeastError), true, false)]
    [InlineData(nameof(RangeRule.LeastError), false, false)]
    [InlineData(nameof(RangeRule.LeastError), true, true)]
    public void The_network_of_bytes_says_nearly_what_the_float_network_says(string rule, bool floatLast, bool floatFirst)
    {
        var graph = SmallUNet(1);
        var integer = StudentQuantizer.Quantize(
            graph,
            [Picture(1), Picture(2)],
            new QuantizationOptions
            {
                Range = Enum.Parse<RangeRule>(rule),
                FloatLast = floatLast,
                FloatFirst = floatFirst,
            });
        var (expectedP, expectedHv) = Run(graph, Picture(3));
        var (p, hv) = Run(integer, Picture(3));
        Assert.InRange(RelativeError(expectedP, p), 0.0001, 0.08);
        Assert.InRange(RelativeError(Array.ConvertAll(expectedHv, v => (double)v), Array.ConvertAll(hv, v => (double)v)), 0.0001, 0.08);
    }

    [Theory]
    [InlineData(true, false, 5)]
    [InlineData(false, false, 7)]
    [InlineData(true, true, 4)]
    public void Onnx_runtime_turns_every_chosen_convolution_into_its_integer_kernel(bool floatLast, bool floatFirst, int expected)
    {
        var integer = StudentQuantizer.Quantize(SmallUNet(1), [Picture(1)], new QuantizationOptions { FloatLast = floatLast, FloatFirst = floatFirst });
        using var folder = new TemporaryFolder();
        using (
            var options = new SessionOptions
            {
                OptimizedModelFilePath = folder.File("optimised.onnx"),
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR,
            })
        {
            using var session = new InferenceSession(integer.ToBytes(), options);
        }

        var operators = ModelProto
            .Parser.ParseFrom(File.ReadAllBytes(folder.File("optimised.onnx")))
            .Graph.Node.CountBy(n => n.OpType)
            .ToDictionary(StringComparer.Ordinal);
        Assert.Equal(expected, operators["QLinearConv"]);
        Assert.Equal(1, operators["QLinearAdd"]);
        Assert.Equal(expected == 7 ? 0 : floatFirst ? 2 : 1, operators.GetValueOrDefault("Conv") + operators.GetValueOrDefault("FusedConv"));
        Assert.Equal(0, operators.GetValueOrDefault("Relu"));
    }

    [Fact]
    public void The_same_tiles_give_the_same_bytes_and_the_graph_survives_its_file()
    {
        var graph = SmallUNet(2);
        var again = OnnxGraph.Parse(graph.ToBytes(), "test");
        Assert.Equal(graph.ToBytes(), again.ToBytes());
        Assert.Equal(StudentQuantizer.Quantize(graph, [Picture(1)]).ToBytes(), StudentQuantizer.Quantize(again, [Picture(1)]).ToBytes());
    }

    [Fact]
    public void Seven_bit_weights_stay_within_63()
    {
        var integer = StudentQuantizer.Quantize(SmallUNet(1), [Picture(1)], new QuantizationOptions { WeightBits = 7, FloatFirst = false });
        var weights = integer.Constants.Where(c => c.Type == OnnxType.Int8 && c.Shape.Length == 4).ToList();
        Assert.Equal(5, weights.Count);
        Assert.All(weights, w =>
            Assert.Equal(63, System.Runtime.InteropServices.MemoryMarshal.Cast<byte, sbyte>(w.Data.Span).ToArray().Max(v => Math.Abs((int)v))));
    }

    [Fact]
    public void Zero_is_always_exact_and_ranges_are_covered()
    {
        var range = QuantizedRange.Covering(-1, 3);
        Assert.Equal(64, range.ZeroPoint);
        Assert.Equal(4f / 255, range.Scale);
        Assert.Equal(new QuantizedRange(2f / 255, 0), QuantizedRange.Covering(1, 2));
        Assert.Equal(255, QuantizedRange.Covering(-5, -1).ZeroPoint);
        Assert.Equal(new QuantizedRange(1, 0), QuantizedRange.Covering(0, 0));
    }

    [Fact]
    public void One_far_value_widens_the_range_only_where_all_shall_be_covered()
    {
        var values = new float[100_000];
        var random = new Random(5);
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = random.NextSingle();
        }

        values[7] = 50;
        var statistics = new ActivationStatistics();
        statistics.AddExtremes(values, 10);
        statistics.AddHistogram(values);
        Assert.Equal(50f / 255, statistics.Range(new QuantizationOptions { Range = RangeRule.Largest }).Scale);
        Assert.InRange(statistics.Range(new QuantizationOptions { Range = RangeRule.Percentile, Percentile = 0.999 }).Scale * 255, 0.98, 1.05);
        var least = statistics.Range(new QuantizationOptions { Range = RangeRule.LeastError }).Scale * 255;
        Assert.InRange(least, 5, 45);
        Assert.Equal(0.5, statistics.ChannelMeans.Average(), 0.01);
    }

    [Fact]
    public void Corrected_biases_keep_the_mean_where_weights_are_rounded_coarsely()
    {
        var graph = new OnnxGraph("test");
        var image = graph.Input("image", OnnxType.UInt8, 1, "height", "width", 3);
        var x = graph.RgbToPlanes(image, 1f / 255);

        // One large weight makes the rounding of the two others coarse.
        var y = graph.Conv(x, [1f, 0.0035f, 0.0035f], [1, 3, 1, 1], [0f]);
        graph.Output("y", graph.Relu(y), OnnxType.Float, 1, 1, "height", "width");
        var picture = Picture(1);
        double Mean(OnnxGraph g)
        {
            using var session = new InferenceSession(g.ToBytes());
            using var input = OrtValue.CreateTensorValueFromMemory(
                OrtMemoryInfo.DefaultInstance,
                picture.Pixels.AsMemory(),
                [1, picture.Height, picture.Width, 3]);
            using var run = new RunOptions();
            using var results = session.Run(run, ["image"], [input], ["y"]);
            return results[0].GetTensorDataAsSpan<float>().ToArray().Average();
        }

        var truth = Mean(graph);
        var without = Mean(StudentQuantizer.Quantize(graph, [picture], new QuantizationOptions { CorrectBias = false, FloatFirst = false, FloatLast = false }));
        var with = Mean(StudentQuantizer.Quantize(graph, [picture], new QuantizationOptions { FloatFirst = false, FloatLast = false }));
        Assert.True(Math.Abs(with - truth) < 0.5 * Math.Abs(without - truth), $"{truth} float, {without} plain, {with} corrected");
    }

    [Fact]
    public void A_model_file_becomes_one_of_bytes_with_its_card()
    {
        using var folder = new TemporaryFolder();
        SmallUNet(1).Save(folder.File("student.onnx"));
        new ModelCard
        {
            Name = "small",
            Kind = "student",
            Mpp = 0.5,
            Stride = 4,
            Sha256 = ModelCard.HashOf(File.ReadAllBytes(folder.File("student.onnx"))),
        }.Save(folder.File("student.card.json"));
        var odd = new RgbImage(51, 46);
        Picture(1).Pixels.AsSpan(0, odd.Span.Length).CopyTo(odd.Span);
        StudentQuantizer.Quantize(folder.File("student.onnx"), [odd, Picture(2)], folder.File("student-int8.onnx"));
        using var model = NucleusModel.Load(folder.File("student-int8.onnx"));
        Assert.Equal("int8", model.Card.Precision);
        using var original = NucleusModel.Load(folder.File("student.onnx"));
        var (expected, actual) = (original.Run(Picture(3)), model.Run(Picture(3)));
        Assert.InRange(
            RelativeError(Array.ConvertAll(expected.Probability, b => (double)b), Array.ConvertAll(actual.Probability, b => (double)b)),
            0.0001,
            0.08);
        Assert.Contains(
            "int8",
            Assert.Throws<ModelException>(() => StudentQuantizer.Quantize(folder.File("student-int8.onnx"), [odd], folder.File("x.onnx"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Impossible_requests_are_refused()
    {
        var graph = SmallUNet(1);
        Assert.Throws<ArgumentException>(() => StudentQuantizer.Quantize(graph, []));
        Assert.Throws<ArgumentException>(() => StudentQuantizer.Quantize(graph, [Picture(1)], new QuantizationOptions { WeightBits = 4 }));
        var none = new OnnxGraph("none");
        none.Output("y", none.Relu(none.Input("x", OnnxType.Float, 1)), OnnxType.Float, 1);
        Assert.Throws<ArgumentException>(() => StudentQuantizer.Quantize(none, [Picture(1)]));
        Assert.Throws<ModelException>(() => OnnxGraph.Parse([1, 2, 3], "x.onnx"));
    }

    // Half-resolution stem, two levels, signed upsampling convolution, added skip, and a head that gives four subpixels.
    private static OnnxGraph SmallUNet(int seed)
    {
        var random = new Random(seed);
        var graph = new OnnxGraph("student");
        OnnxValue Conv(OnnxValue x, int inputs, int outputs, int kernel, int stride, string name)
        {
            var weights = new float[outputs * inputs * kernel * kernel];
            var size = (float)Math.Sqrt(6.0 / (inputs * kernel * kernel));
            for (var i = 0; i < weights.Length; i++)
            {
                weights[i] = ((2 * random.NextSingle()) - 1) * size;
            }

            var bias = new float[outputs];
            for (var i = 0; i < outputs; i++)
            {
                bias[i] = (random.NextSingle() - 0.5f) * 0.4f;
            }

            return graph.Conv(x, weights, [outputs, inputs, kernel, kernel], bias, [(kernel - stride + 1) / 2], stride, name: name);
        }

        var image = graph.Input("image", OnnxType.UInt8, 1, "height", "width", 3);
        var x = graph.RgbToPlanes(image, 1f / 64, -2f);
        var level0 = graph.Relu(Conv(x, 3, 16, 6, 2, "stem"));
        var level1 = graph.Relu(Conv(graph.MaxPool(level0), 16, 24, 3, 1, "down"));
        level1 = graph.Relu(Conv(level1, 24, 24, 3, 1, "deep"));
        var up = graph.ResizeNearest2x(Conv(level1, 24, 16, 1, 1, "up"));
        var joined = graph.Relu(Conv(graph.Relu(graph.Add(up, level0)), 16, 16, 3, 1, "joined"));
        var head = Conv(joined, 16, 12, 1, 1, "head");
        graph.Output(
            "probability",
            graph.ProbabilityToBytes(graph.DepthToSpace(graph.Sigmoid(graph.Slice(head, 1, 0, 4)), 2)),
            OnnxType.UInt8,
            1,
            1,
            "height",
            "width");
        graph.Output("hv", graph.HvToBytes(graph.DepthToSpace(graph.Scale(graph.Slice(head, 1, 4, 12), 0.3f), 2)), OnnxType.Int8, 1, 2, "height", "width");
        return graph;
    }

    private static RgbImage Picture(int seed)
    {
        var random = new Random(100 + seed);
        var waves = Enumerable
            .Range(0, 12)
            .Select(_ => (X: random.NextSingle() - 0.5f, Y: random.NextSingle() - 0.5f, Phase: 6 * random.NextSingle(), Channel: random.Next(3)))
            .ToArray();
        var image = new RgbImage(64, 48);
        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width; x++)
            {
                for (var c = 0; c < 3; c++)
                {
                    var value = 150f + random.Next(-10, 10);
                    foreach (var w in waves.Where(w => w.Channel == c))
                    {
                        value += 30 * MathF.Sin((w.X * x) + (w.Y * y) + w.Phase);
                    }

                    image.Row(y)[(x * 3) + c] = (byte)Math.Clamp(value, 0, 255);
                }
            }
        }

        return image;
    }

    private static (double[] Probability, sbyte[] Hv) Run(OnnxGraph graph, RgbImage image)
    {
        using var session = new InferenceSession(graph.ToBytes());
        using var input = OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, image.Pixels.AsMemory(), [1, image.Height, image.Width, 3]);
        using var run = new RunOptions();
        using var results = session.Run(run, ["image"], [input], ["probability", "hv"]);
        return (Array.ConvertAll(results[0].GetTensorDataAsSpan<byte>().ToArray(), b => (double)b), results[1].GetTensorDataAsSpan<sbyte>().ToArray());
    }

    // Root mean squared error as a share of the spread of what is right.
    private static double RelativeError(double[] expected, double[] actual)
    {
        var mean = expected.Average();
        return Math.Sqrt(expected.Zip(actual, (e, a) => (e - a) * (e - a)).Sum() / expected.Sum(e => (e - mean) * (e - mean)));
    }
}
