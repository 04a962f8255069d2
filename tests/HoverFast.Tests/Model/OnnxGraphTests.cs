using HoverFast.Model.Onnx;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Xunit;

namespace HoverFast.Tests.Model;

public sealed class OnnxGraphTests
{
    [Fact]
    public void A_convolution_with_padding_and_stride_gives_the_sums_of_the_definition()
    {
        var graph = new OnnxGraph("test");
        var x = graph.Input("x", OnnxType.Float, 1, 1, "height", "width");
        var y = graph.Conv(x, [1f, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3], [0.5f], [1], stride: 2);
        graph.Output("y", y, OnnxType.Float, 1, 1, "h", "w");
        float[] pixels = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
        var result = Run(graph, "x", new DenseTensor<float>(pixels, [1, 1, 4, 4]))["y"].AsTensor<float>();

        Assert.Equal([1, 1, 2, 2], result.Dimensions.ToArray());
        for (var row = 0; row < 2; row++)
        {
            for (var column = 0; column < 2; column++)
            {
                var expected = 0.5f;
                for (var k = 0; k < 9; k++)
                {
                    int r = (2 * row) + (k / 3) - 1, c = (2 * column) + (k % 3) - 1;
                    expected += r is >= 0 and < 4 && c is >= 0 and < 4 ? pixels[(4 * r) + c] * (k + 1) : 0;
                }

                Assert.Equal(expected, result[0, 0, row, column]);
            }
        }
    }

    [Fact]
    public void A_small_network_from_rgb_bytes_to_bytes_runs_at_any_size()
    {
        var graph = new OnnxGraph("test");
        var image = graph.Input("image", OnnxType.UInt8, 1, "height", "width", 3);
        var x = graph.RgbToPlanes(image, 1f / 255);
        var identity = new float[] { 1, 0, 0, 0, 1, 0, 0, 0, 1 };
        var stem = graph.Relu(graph.Conv(x, identity, [3, 3, 1, 1]));
        var down = graph.MaxPool(stem);
        var up = graph.ResizeNearest2x(graph.AveragePool(graph.DepthToSpace(graph.SpaceToDepth(down, 1), 1), 1, 1));
        var joined = graph.Concat(1, up, graph.Add(stem, stem));
        var red = graph.Slice(joined, 1, 0, 1);
        graph.Output("probability", graph.ProbabilityToBytes(red), OnnxType.UInt8, 1, 1, "height", "width");
        graph.Output("hv", graph.HvToBytes(graph.Slice(joined, 1, 3, 5)), OnnxType.Int8, 1, 2, "height", "width");

        var pixels = new byte[4 * 6 * 3];
        for (var i = 0; i < pixels.Length; i++)
        {
            pixels[i] = (byte)(i * 7);
        }

        var results = Run(graph, "image", new DenseTensor<byte>(pixels, [1, 4, 6, 3]));
        var probability = results["probability"].AsTensor<byte>();
        var hv = results["hv"].AsTensor<sbyte>();
        Assert.Equal([1, 1, 4, 6], probability.Dimensions.ToArray());
        Assert.Equal([1, 2, 4, 6], hv.Dimensions.ToArray());
        byte Pixel(int row, int column, int channel) => pixels[(((row * 6) + column) * 3) + channel];
        for (var row = 0; row < 4; row++)
        {
            for (var column = 0; column < 6; column++)
            {
                int r = row & ~1, c = column & ~1;
                var largest = Math.Max(Math.Max(Pixel(r, c, 0), Pixel(r, c + 1, 0)), Math.Max(Pixel(r + 1, c, 0), Pixel(r + 1, c + 1, 0)));
                Assert.Equal(largest, probability[0, 0, row, column]);

                // Twice the colour, 100 for 1.0, clamped at 127.
                var expected = Math.Min(127, Math.Round(200.0 * Pixel(row, column, 1) / 255, MidpointRounding.ToEven));
                Assert.InRange(hv[0, 1, row, column], expected - 1, expected + 1);
            }
        }
    }

    [Fact]
    public void Hv_bytes_never_reach_minus_128_and_half_is_rounded_to_even()
    {
        var graph = new OnnxGraph("test");
        var x = graph.Input("x", OnnxType.Float, 1, 2, 1, "width");
        graph.Output("y", graph.HvToBytes(x), OnnxType.Int8, 1, 2, 1, "width");
        var result = Run(graph, "x", new DenseTensor<float>(new[] { -9f, 9f, -1f, 0.004f, 0.006f, 1f }, [1, 2, 1, 3]))["y"].AsTensor<sbyte>();
        Assert.Equal([-127, 127, -100, 0, 1, 100], result.ToArray());
    }

    [Fact]
    public void Pixel_shuffle_order_is_that_of_the_channels_first_and_space_to_depth_undoes_block_first()
    {
        var graph = new OnnxGraph("test");
        var x = graph.Input("x", OnnxType.Float, 1, 4, 1, 1);
        graph.Output("shuffled", graph.DepthToSpace(x, 2), OnnxType.Float, 1, 1, 2, 2);
        graph.Output("back", graph.SpaceToDepth(graph.DepthToSpace(x, 2, "DCR"), 2), OnnxType.Float, 1, 4, 1, 1);
        var results = Run(graph, "x", new DenseTensor<float>(new[] { 1f, 2, 3, 4 }, [1, 4, 1, 1]));
        Assert.Equal([1f, 2, 3, 4], results["shuffled"].AsTensor<float>().ToArray());
        Assert.Equal([1f, 2, 3, 4], results["back"].AsTensor<float>().ToArray());
    }

    [Fact]
    public void Batch_norm_crop_pad_and_quantisation_follow_their_definitions()
    {
        var graph = new OnnxGraph("test", opset: 21);
        var x = graph.Input("x", OnnxType.Float, 1, 1, 3, 3);
        var normal = graph.BatchNorm(x, [2f], [1f], [3f], [4f], epsilon: 0f);
        graph.Output("normal", normal, OnnxType.Float, 1, 1, 3, 3);
        graph.Output("crop", graph.Crop(x, 1, 0, 0, 2), OnnxType.Float, 1, 1, 2, 1);
        graph.Output("pad", graph.Pad(x, 0, 1, 0, 0), OnnxType.Float, 1, 1, 3, 4);
        graph.Output("round", graph.DequantizeLinear(graph.QuantizeLinear(x, 2f, (byte)1), 2f, 1), OnnxType.Float, 1, 1, 3, 3);
        var results = Run(graph, "x", new DenseTensor<float>(new[] { 1f, 2, 3, 4, 5, 6, 7, 8, 9 }, [1, 1, 3, 3]));
        Assert.Equal([-1f, 0, 1, 2, 3, 4, 5, 6, 7], results["normal"].AsTensor<float>().ToArray());
        Assert.Equal([4f, 7], results["crop"].AsTensor<float>().ToArray());
        Assert.Equal([0f, 1, 2, 3, 0, 4, 5, 6, 0, 7, 8, 9], results["pad"].AsTensor<float>().ToArray());
        Assert.Equal([0f, 2, 4, 4, 4, 6, 8, 8, 8], results["round"].AsTensor<float>().ToArray());
    }

    [Fact]
    public void The_same_calls_give_the_same_bytes_and_saving_leaves_no_partial_file()
    {
        static OnnxGraph Build()
        {
            var graph = new OnnxGraph("test");
            graph.Metadata["b"] = "2";
            graph.Metadata["a"] = "1";
            var x = graph.Input("x", OnnxType.Float, 1, 1, "h", "w");
            graph.Output("y", graph.Conv(x, [1f], [1, 1, 1, 1], [2f]), OnnxType.Float, 1, 1, "h", "w");
            return graph;
        }

        var folder = Directory.CreateTempSubdirectory("hoverfast-onnx");
        try
        {
            var path = Path.Combine(folder.FullName, "model.onnx");
            Build().Save(path);
            Assert.Equal(Build().ToBytes(), File.ReadAllBytes(path));
            Assert.Equal(["model.onnx"], folder.GetFiles().Select(f => f.Name));
            using var session = new InferenceSession(path);
            Assert.Equal("1", session.ModelMetadata.CustomMetadataMap["a"]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Mistakes_are_told_at_the_call_that_makes_them()
    {
        var graph = new OnnxGraph("test");
        var x = graph.Input("x", OnnxType.Float, 1);
        Assert.Throws<ArgumentException>(() => graph.Input("x", OnnxType.Float, 1));
        Assert.Throws<ArgumentException>(() => graph.Conv(x, [1f, 2], [1, 1, 1, 1]));
        Assert.Throws<ArgumentException>(() => new OnnxGraph("other").Relu(x));
        Assert.Throws<InvalidOperationException>(() => graph.ToBytes());
    }

    private static Dictionary<string, NamedOnnxValue> Run<T>(OnnxGraph graph, string input, DenseTensor<T> tensor)
    {
        using var session = new InferenceSession(graph.ToBytes());
        using var results = session.Run([NamedOnnxValue.CreateFromTensor(input, tensor)]);
        return results.ToDictionary(
            r => r.Name,
            r => r.ElementType switch
            {
                TensorElementType.Float => NamedOnnxValue.CreateFromTensor(r.Name, r.AsTensor<float>().ToDenseTensor()),
                TensorElementType.UInt8 => NamedOnnxValue.CreateFromTensor(r.Name, r.AsTensor<byte>().ToDenseTensor()),
                _ => NamedOnnxValue.CreateFromTensor(r.Name, r.AsTensor<sbyte>().ToDenseTensor()),
            },
            StringComparer.Ordinal);
    }
}
