using HoverFast.Model;
using HoverFast.Model.Onnx;
using HoverFast.Slides;
using HoverFast.Training.Export;
using HoverFast.Training.Networks;
using HoverFast.Training.Optimisation;
using HoverFast.Training.Torch;
using Microsoft.ML.OnnxRuntime;
using Xunit;
using static TorchSharp.torch;

namespace HoverFast.Training.Tests;

public sealed class ImageNetEncoderTests
{
    private const int Side = 256;

    private static readonly StudentArchitecture _network = new()
    {
        Stem = 2,
        StemKernel = 5,
        Widths = [64, 128, 256],
        EncoderConvolutions = [5, 4, 4],
        DecoderConvolutions = [1, 1],
        Residual = true,
        StridedBlocks = true,
    };

    private static readonly float[] _meanBgr = [103.94f, 116.78f, 123.68f];

    public ImageNetEncoderTests() => LibTorch.Prepare(1);

    [Fact]
    public void TheEncoderGivesTheFeaturesOfTheResNet()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var resNet = new ResNet(seed: 4);
        var path = Path.Combine(folder.Path, "resnet.onnx");
        resNet.Graph.Save(path);
        var image = Drawn.Discs(Side, 6).Image;

        using var network = new UNet(_network, seed: 1, bfloat16: false, CPU);
        network.Load(ImageNetEncoder.Read(path, _network), partly: true);
        var weights = network.Parameters.Concat(network.Statistics).ToDictionary(p => p.Key, p => p.Value);
        var graph = StudentExporter.Graph(weights, _network, "unet");
        var features = graph.Nodes.First(n => n.Operator == "Conv" && n.Inputs[1]!.Name == "up1.weight").Inputs[0]!;
        graph.Output(features.Name, features, OnnxType.Float);

        var expected = Run(resNet.Graph, "features", OrtValue.CreateTensorValueFromMemory(Bgr(image), [1, 3, Side, Side]));
        var actual = Run(
            graph,
            features.Name,
            OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, image.Pixels.AsMemory(), [1, Side, Side, 3]));

        // Away from the rim, where the one is padded with its mean and the other with grey.
        const int side = Side / 8;
        var rim = (_network.ReceptiveRadius() / 8) + 1;
        double error = 0, size = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var (x, y) = (i % side, i / side % side);
            if (Math.Min(Math.Min(x, y), side - 1 - Math.Max(x, y)) >= rim)
            {
                error += Math.Abs(expected[i] - actual[i]);
                size += Math.Abs(expected[i]);
            }
        }

        Assert.True(size > 100, "the features are nothing");
        Assert.InRange(error / size, 0, 1e-4);
    }

    [Fact]
    public void ARunBeginsWithTheEncoder()
    {
        using var folder = new TemporaryFolder();
        var resNet = new ResNet(seed: 4);
        resNet.Graph.Save(Path.Combine(folder.Path, "resnet.onnx"));
        var run = TrainingConfiguration.Read(Drawn.Run(folder.Path, 1)) with { Network = _network, EncoderFrom = "resnet.onnx", LearningRate = 1e-9 };
        using (var trainer = new Trainer(run, folder.Path, Path.Combine(folder.Path, "run"), TextWriter.Null))
        {
            trainer.Run(TestContext.Current.CancellationToken);
        }

        using var scope = NewDisposeScope();
        var (best, _) = TensorFile.Read(Path.Combine(folder.Path, "run", "best.safetensors"));
        var card = StudentExporter.Write(
            StudentExporter.Graph(best, _network, "teacher"),
            "float32",
            run,
            folder.Path,
            Path.Combine(folder.Path, "teacher.onnx"),
            _ => []);
        Assert.Equal("start", Assert.Single(card.Data, d => d.Name == "imagenet").Use);
        var gamma = best["encoder1.shortcut.gamma"].data<float>().ToArray();
        Assert.Equal(resNet.FirstShortcutGamma, gamma, (a, b) => Math.Abs(a - b) < 1e-4f);
    }

    [Fact]
    public void OtherFilesAndNetworksAreRefused()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "resnet.onnx");
        File.WriteAllText(path, "no network");
        Assert.Contains(path, Assert.Throws<InvalidDataException>(() => ImageNetEncoder.Read(path, _network)).Message, StringComparison.Ordinal);
        new ResNet(seed: 1, stages: 2).Graph.Save(path);
        Assert.Contains("encoder2", Assert.Throws<InvalidDataException>(() => ImageNetEncoder.Read(path, _network)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "encoderFrom",
            Assert.Throws<InvalidDataException>(() => ImageNetEncoder.Read(path, Drawn.TinyNetwork)).Message,
            StringComparison.Ordinal);
    }

    private static float[] Bgr(RgbImage image)
    {
        var planes = new float[3 * Side * Side];
        for (var i = 0; i < Side * Side; i++)
        {
            for (var c = 0; c < 3; c++)
            {
                planes[(c * Side * Side) + i] = image.Pixels[(i * 3) + 2 - c] - _meanBgr[c];
            }
        }

        return planes;
    }

    private static float[] Run(OnnxGraph graph, string output, OrtValue input)
    {
        using (input)
        using (var session = new InferenceSession(graph.ToBytes()))
        using (var run = new RunOptions())
        using (var results = session.Run(run, [session.InputNames[0]], [input], [output]))
        {
            return results[0].GetTensorDataAsSpan<float>().ToArray();
        }
    }

    /// <summary>A ResNet-18 without its first max pooling, of random numbers, laid out as published: convolution, batch norm, ReLU.</summary>
    private sealed class ResNet
    {
        private readonly Random _random;

        public ResNet(int seed, int stages = 3)
        {
            _random = new Random(seed);
            var x = Rectified(Convolution(Graph.Input("bgr", OnnxType.Float, 1, 3, Side, Side), 3, 64, 7, 2));
            for (var stage = 0; stage < stages; stage++)
            {
                var width = 64 << stage;
                for (var block = 0; block < 2; block++)
                {
                    var strided = stage > 0 && block == 0;
                    var shortcut = strided ? Convolution(x, width / 2, width, 1, 2) : x;
                    var y = Rectified(Convolution(x, strided ? width / 2 : width, width, 3, strided ? 2 : 1));
                    x = Rectified(Graph.Add(Convolution(y, width, width, 3, 1), shortcut));
                }
            }

            Graph.Output("features", x, OnnxType.Float, 1, 64 << (stages - 1), "h", "w");
        }

        public OnnxGraph Graph { get; } = new("resnet");

        public float[] FirstShortcutGamma { get; private set; } = [];

        private OnnxValue Rectified(OnnxValue x) => Graph.Relu(x);

        private OnnxValue Convolution(OnnxValue x, int inputs, int outputs, int kernel, int stride)
        {
            var y = Graph.Conv(
                x,
                Numbers(inputs * outputs * kernel * kernel, 0, 1f / MathF.Sqrt(inputs * kernel * kernel) / (kernel == 7 ? 60 : 1)),
                [outputs, inputs, kernel, kernel],
                default,
                [kernel / 2],
                stride);
            var gamma = Numbers(outputs, 1, 0.3f);
            if (kernel == 1 && FirstShortcutGamma.Length == 0)
            {
                FirstShortcutGamma = gamma;
            }

            return Graph.BatchNorm(y, gamma, Numbers(outputs, 0, 0.3f), Numbers(outputs, 0, 0.3f), Numbers(outputs, 1, 0.3f));
        }

        private float[] Numbers(int count, float middle, float spread) =>
            [.. Enumerable.Range(0, count).Select(_ => middle + (((2 * _random.NextSingle()) - 1) * spread))];
    }
}
