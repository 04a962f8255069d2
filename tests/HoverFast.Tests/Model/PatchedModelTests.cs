using HoverFast.Model;
using HoverFast.Model.Onnx;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Model;

public sealed class PatchedModelTests
{
    [Theory]
    [InlineData(16, 16)]
    [InlineData(30, 16)]
    [InlineData(28, 40)]
    [InlineData(29, 17)]
    public void Patches_of_a_network_without_padding_give_the_maps_of_the_whole(int width, int height)
    {
        using var folder = new TemporaryFolder();
        Write(folder.File("whole.onnx"), null);
        Write(folder.File("patches.onnx"), 16);
        using var whole = NucleusModel.Load(folder.File("whole.onnx"));
        using var patches = NucleusModel.Load(folder.File("patches.onnx"));
        var image = new RgbImage(width, height);
        new Random(1).NextBytes(image.Span);
        var (expected, actual) = (whole.Run(image), patches.Run(image));
        Assert.Equal((width - 2, height - 2), (actual.Width, actual.Height));
        Assert.Equal(expected.Probability, actual.Probability);
        Assert.Equal(expected.Horizontal, actual.Horizontal);
        Assert.Equal(expected.Vertical, actual.Vertical);
        Assert.Equal(expected.Types, actual.Types);
        Assert.NotEqual(expected.Probability.Min(), expected.Probability.Max());
    }

    [Fact]
    public void A_picture_smaller_than_the_patch_is_refused()
    {
        using var folder = new TemporaryFolder();
        Write(folder.File("patches.onnx"), 16);
        using var model = NucleusModel.Load(folder.File("patches.onnx"));
        Assert.Contains("16 pixels", Assert.Throws<ArgumentException>(() => model.Run(new RgbImage(15, 16))).Message, StringComparison.Ordinal);
    }

    // One valid 3x3 convolution; the maps are the sums of red, green and blue around each pixel.
    private static void Write(string path, int? side)
    {
        var graph = new OnnxGraph("test");
        OnnxDimension height = side ?? (OnnxDimension)"height", width = side ?? (OnnxDimension)"width";
        var weights = new float[4 * 27];
        for (var o = 0; o < 4; o++)
        {
            weights.AsSpan((o * 27) + (o % 3 * 9), 9).Fill(0.1f);
        }

        var x = graph.Conv(graph.RgbToPlanes(graph.Input("image", OnnxType.UInt8, 1, height, width, 3), 1f / 255), weights, [4, 3, 3, 3]);
        graph.Output("probability", graph.ProbabilityToBytes(graph.Slice(x, 1, 0, 1)), OnnxType.UInt8, 1, 1, "h", "w");
        graph.Output("hv", graph.HvToBytes(graph.Slice(x, 1, 1, 3)), OnnxType.Int8, 1, 2, "h", "w");
        graph.Output("types", graph.Cast(graph.ArgMax(x, 1), OnnxType.UInt8), OnnxType.UInt8, 1, 1, "h", "w");
        graph.Save(path);
        new ModelCard
        {
            Name = "test",
            Kind = "imported",
            Mpp = 0.25,
            Stride = 1,
            Margin = 1,
            FixedInput = side,
            Types = [new("a", [0, 0, 0]), new("b", [0, 0, 0]), new("c", [0, 0, 0])],
        }.Save(ModelCard.PathFor(path));
    }
}
