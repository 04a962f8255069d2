using System.Globalization;
using HoverFast.Model.Onnx;

namespace HoverFast.Model.Networks;

/// <summary>
/// HoVer-Net (Graham et al., MedIA 2019, doi 10.1016/j.media.2019.101563) as its PyTorch release has it: a pre-activated ResNet-50 and
/// two or three densely connected decoders (nucleus pixels, HV maps, types). Its mode <c>original</c> takes 270 pixels and gives
/// 80, with 5x5 kernels in the decoders; <c>fast</c> takes 256, gives 164, with 3x3 kernels.
/// </summary>
internal static class HoverNetNetwork
{
    /// <summary>The network's name for messages and cards.</summary>
    public const string Name = "HoVer-Net";

    /// <summary>Whether a checkpoint's names are those of this network.</summary>
    public static bool Matches(INetworkWeights checkpoint) =>
        checkpoint.Contains("conv_bot.weight") && checkpoint.Contains("decoder.np.u0.conv.weight") && checkpoint.Contains("decoder.hv.u0.conv.weight");

    /// <summary>
    /// Builds the graph. Input <c>image</c> (1, side, side, 3) uint8; outputs <c>probability</c>, <c>hv</c> and, where the
    /// checkpoint knows types, <c>types</c>; on request also <c>raw_np</c> (1, 2, h, h), <c>raw_hv</c> (1, 2, h, h) and <c>raw_tp</c>
    /// (1, types, h, h) floats.
    /// </summary>
    /// <exception cref="ModelException">The checkpoint is of another variant, or damaged.</exception>
    public static (OnnxGraph Graph, ModelCard Card) Build(INetworkWeights checkpoint, NetworkOutputs outputs)
    {
        var kernel = (int)(checkpoint.ShapeOf("decoder.np.u3.conva.weight") is [_, _, var side, _] ? side : 0);
        var fast = kernel switch
        {
            3 => true,
            5 => false,
            _ => throw checkpoint.Error($"has decoder kernels of {Text(kernel)} pixels; HoVer-Net has 3 (fast) or 5 (original)"),
        };
        var input = fast ? 256 : 270;
        var graph = new OnnxGraph("hovernet");
        var network = new NetworkBuilder(checkpoint, graph);
        var image = graph.Input("image", OnnxType.UInt8, 1, input, input, 3);
        var x = new NetworkBuilder.Feature(graph.RgbToPlanes(image, 1f / 255), 3, input);

        x = network.ConvRelu(x, "conv0./", 64, 7, "conv0.bn", padding: fast ? Same(7) : default);
        var d0 = ResidualBlock(network, x, "d0", 64, 3, 1);
        var d1 = ResidualBlock(network, d0, "d1", 128, 4, 2);
        var d2 = ResidualBlock(network, d1, "d2", 256, 6, 2);
        var d3 = ResidualBlock(network, d2, "d3", 512, 3, 2);
        var bottom = network.Conv(d3, "conv_bot", 1024, 1);

        NetworkBuilder.Feature Decode(string branch, int classes)
        {
            var name = "decoder." + branch;
            var u3 = network.Add(network.ResizeNearest2x(bottom), d2);
            u3 = network.Conv(u3, name + ".u3.conva", 256, kernel);
            u3 = network.Conv(DenseBlock(network, u3, name + ".u3.dense", 8, kernel), name + ".u3.convf", 512, 1);
            var u2 = network.ResizeNearest2x(u3);
            u2 = network.Conv(network.Add(u2, network.CropTo(d1, u2.Side)), name + ".u2.conva", 128, kernel);
            u2 = network.Conv(DenseBlock(network, u2, name + ".u2.dense", 4, kernel), name + ".u2.convf", 256, 1);
            var u1 = network.ResizeNearest2x(u2);
            u1 = network.Conv(network.Add(u1, network.CropTo(d0, u1.Side)), name + ".u1.conva", 64, kernel, padding: Same(kernel));
            return network.Conv(network.NormRelu(u1, name + ".u0.bn"), name + ".u0.conv", classes, 1, bias: true);
        }

        var typed = checkpoint.Contains("decoder.tp.u0.conv.weight");
        var tp = typed ? Decode("tp", 0) : default;
        var np = Decode("np", 2);
        var hv = Decode("hv", 2);
        network.RequireAllUsed("HoVer-Net", "num_batches_tracked", "unpool_mat");
        var output = np.Side;
        graph.Output("probability", graph.ProbabilityToBytes(graph.Slice(graph.Softmax(np.Value, 1), 1, 1, 2)), OnnxType.UInt8, 1, 1, output, output);
        graph.Output("hv", graph.HvToBytes(hv.Value), OnnxType.Int8, 1, 2, output, output);
        if (typed)
        {
            graph.Output("types", graph.Cast(graph.ArgMax(tp.Value, 1), OnnxType.UInt8), OnnxType.UInt8, 1, 1, output, output);
        }

        if (outputs == NetworkOutputs.MapsAndRaw)
        {
            graph.Output("raw_np", np.Value, OnnxType.Float, 1, 2, output, output);
            graph.Output("raw_hv", hv.Value, OnnxType.Float, 1, 2, output, output);
            if (typed)
            {
                graph.Output("raw_tp", tp.Value, OnnxType.Float, 1, tp.Channels, output, output);
            }
        }

        var margin = (input - output) / 2;
        return (graph, new ModelCard
        {
            Name = fast ? "hovernet-fast" : "hovernet-original",
            Kind = "imported",
            Description = $"HoVer-Net (MedIA 2019, doi 10.1016/j.media.2019.101563), mode {(fast ? "fast" : "original")}, imported from a PyTorch checkpoint.",
            Mpp = 0.25,
            Normalisation = "bytes / 255",
            Outputs = "nucleus probability (softmax of two classes), horizontal and vertical map" + (typed ? ", nucleus type" : ""),
            Stride = 1,
            Margin = margin,

            // Padding inside the network makes its answer depend on where a patch ends; the published overlap is the margin alone.
            ReceptiveRadius = 0,
            FixedInput = input,
            Types = typed ? NucleusTypes.Published(tp.Channels) : null,
            Parameters = network.Parameters,
            MultiplyAddsPerPixel = network.MultiplyAdds / ((double)output * output),
            Limits = "The same nucleus may look different where the tile grid falls otherwise: the network pads inside.",
        });
    }

    // Bottleneck units (He et al., ECCV 2016): 1x1, 3x3, 1x1; the first takes the activation of the block before, the last is followed by one.
    private static NetworkBuilder.Feature ResidualBlock(NetworkBuilder network, NetworkBuilder.Feature x, string name, int channels, int units, int stride)
    {
        var shortcut = network.Conv(x, name + ".shortcut", 4 * channels, 1, stride: stride);
        for (var i = 0; i < units; i++)
        {
            var unit = $"{name}.units.{Text(i)}";
            var y = i == 0 ? x : network.NormRelu(x, unit + ".preact/bn");
            y = network.ConvRelu(y, unit + ".conv1", channels, 1, unit + ".conv1/bn");
            var step = i == 0 ? stride : 1;
            y = network.ConvRelu(
                y,
                unit + ".conv2",
                channels,
                3,
                unit + ".conv2/bn",
                padding: step == 1 ? Same(3) : SameStrided(3, step, y.Side),
                stride: step);
            y = network.Conv(y, unit + ".conv3", 4 * channels, 1);
            x = network.Add(y, shortcut);
            shortcut = x;
        }

        return network.NormRelu(x, name + ".blk_bna.bn");
    }

    // Each unit adds 32 channels to the middle of what came before (Huang et al., CVPR 2017); convolutions without padding.
    private static NetworkBuilder.Feature DenseBlock(NetworkBuilder network, NetworkBuilder.Feature x, string name, int units, int kernel)
    {
        for (var i = 0; i < units; i++)
        {
            var unit = $"{name}.units.{Text(i)}";
            var y = network.NormRelu(x, unit + ".preact_bna/bn");
            y = network.ConvRelu(y, unit + ".conv1", 128, 1, unit + ".conv1/bn");
            y = network.Conv(y, unit + ".conv2", 32, kernel, groups: 4);
            x = network.Concat(network.CropTo(x, y.Side), y);
        }

        return network.NormRelu(x, name + ".blk_bna.bn");
    }

    private static (int Before, int After) Same(int kernel) => SameStrided(kernel, 1, 0);

    // TensorFlow's "same" padding, with the larger half at the bottom and right.
    private static (int Before, int After) SameStrided(int kernel, int stride, int side)
    {
        var all = Math.Max(kernel - (side % stride == 0 ? stride : side % stride), 0);
        return (all / 2, all - (all / 2));
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
