using HoverFast.Model;
using HoverFast.Model.Networks;
using HoverFast.Slides;
using HoverFast.Training.Networks;
using HoverFast.Training.Torch;
using Xunit;

namespace HoverFast.Training.Tests;

[Collection(nameof(AloneInTheProcess))]
public sealed class TorchRunnerTests
{
    [Theory]
    [InlineData("hoverfast-network-formula", 64)]
    [InlineData("hovernet-fast-formula", 256)]
    public void ThePublishedNetworksAnswerInLibtorchAsInOnnxRuntime(string name, int side)
    {
        Assert.SkipWhen(
            name.StartsWith("hovernet", StringComparison.Ordinal) && !LibTorch.KnowsCaches,
            "this machine doesn't tell the sizes of its processor's caches; libtorch divides by zero there.");
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, name + ".onnx");
        var card = FormulaModel.Write(name, path);
        var image = new RgbImage(side, side);
        var random = new Random(3);
        for (var at = 0; at < image.Pixels.Length; at++)
        {
            image.Pixels[at] = (byte)(random.Next(80) + (((at / 3 / side) + (at / 3 % side)) * 120 / (2 * side)));
        }

        LibTorch.Prepare(1);
        using var known = NucleusModel.Load(path);
        using var runner = new NucleusModel(new TorchRunner(FormulaModel.Build(name, NetworkOutputs.Maps).Graph, name, knowsCaches: true), card, path);
        var (expected, actual) = (known.Run(image), runner.Run(image));
        Assert.StartsWith("libtorch", runner.Engine, StringComparison.Ordinal);
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        Near(expected.Probability.Select(v => (double)v), actual.Probability.Select(v => (double)v));
        Near(expected.Horizontal.Select(v => (double)v), actual.Horizontal.Select(v => (double)v));
        Near(expected.Vertical.Select(v => (double)v), actual.Vertical.Select(v => (double)v));
    }

    [Fact]
    public void HoverNetIsRefusedWhereItWouldEndTheProcess()
    {
        LibTorch.Prepare(1);
        var graph = FormulaModel.Build("hovernet-fast-formula", NetworkOutputs.Maps).Graph;
        var refused = Assert.Throws<ModelException>(() => new TorchRunner(graph, "hovernet-fast-formula", knowsCaches: false));
        Assert.Contains("sizes of its processor's caches", refused.Message, StringComparison.Ordinal);
        _ = new TorchRunner(FormulaModel.Build("hoverfast-network-formula", NetworkOutputs.Maps).Graph, "hoverfast-network-formula", knowsCaches: false);
    }

    /// <summary>The float students that come with the program tell nucleus types, whose numbers are whole.</summary>
    [Theory]
    [InlineData("hoverfast-network-formula", "hoverfast-network-formula, libtorch bf16")]
    [InlineData("hoverfast-he-fast-float32", "hoverfast-he-fast-float32, libtorch bf16")]
    public async Task BenchWritesARowLikeTheOthers(string model, string name)
    {
        using var folder = new TemporaryFolder();
        var (picture, json) = (Path.Combine(folder.Path, "a.png"), Path.Combine(folder.Path, "a.json"));
        RgbImageFile.WritePng(picture, Drawn.Discs(256, 1).Image);
        string[] arguments = ["bench", model, "--input", picture, "--mpp", "0.25", "--threads", "1", "--budget", "1", "--json", json];
        Assert.Equal(0, await Commands.TrainingProgram.RunAsync(arguments));
        var row = Assert.Single(Jobs.BenchmarkResult.Parse(await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken)));
        Assert.Equal((name, "bfloat16"), (row.Model, row.Precision));
        Assert.True(row.SquareMillimetresPerSecond > 0 && row.PeakMemoryBytes > 0);
    }

    // Eight bits of mantissa: a few levels apart, and the same picture.
    private static void Near(IEnumerable<double> expected, IEnumerable<double> actual)
    {
        var (a, b) = (expected.ToArray(), actual.ToArray());
        var error = a.Zip(b, (x, y) => Math.Abs(x - y)).Average();
        var mean = a.Average();
        var spread = Math.Sqrt(a.Average(x => (x - mean) * (x - mean)));
        Assert.True(error <= Math.Max(1.5, 0.1 * spread), $"{error} apart on average, where the map spreads by {spread}");
    }
}
