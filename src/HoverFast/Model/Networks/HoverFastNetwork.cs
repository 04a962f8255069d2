using System.Globalization;
using HoverFast.Model.Onnx;

namespace HoverFast.Model.Networks;

/// <summary>
/// The published HoverFast network (JOSS 2024, doi 10.21105/joss.07022): a U-Net whose blocks run 3x3 and 7x7 convolutions side by side
/// (MSU-Net), with one decoder for the mask (two classes) and one for the HV maps.
/// </summary>
internal static class HoverFastNetwork
{
    private const int NominalSide = 256;

    /// <summary>The network's name for messages and cards.</summary>
    public const string Name = "HoverFast";

    /// <summary>Whether a checkpoint's names are those of this network.</summary>
    public static bool Matches(INetworkWeights checkpoint) =>
        checkpoint.Contains("down_path.0.conv.weight") && checkpoint.Contains("up_path_m.0.up.weight") && checkpoint.Contains("last_m.weight");

    /// <summary>
    /// Builds the graph. Input <c>image</c> (1, H, W, 3) uint8, sides multiples of the card's stride; outputs of the same size:
    /// <c>probability</c> and <c>hv</c>; on request also <c>raw_mask</c> and <c>raw_hv</c>, both (1, 2, H, W) floats.
    /// </summary>
    /// <exception cref="ModelException">The checkpoint is of another variant, or damaged.</exception>
    public static (OnnxGraph Graph, ModelCard Card) Build(INetworkWeights checkpoint, NetworkOutputs outputs)
    {
        if (checkpoint.Settings.TryGetValue("padding", out var padding) && padding is false)
        {
            throw checkpoint.Error("is a HoverFast network without padding; only the published form, with padding, can be imported");
        }

        var depth = Count(checkpoint, "down_path");
        var widths = Enumerable.Range(0, depth).Select(i => NetworkBuilder.Outputs(checkpoint, $"down_path.{Text(i)}.conv")).ToArray();
        var graph = new OnnxGraph("hoverfast");
        var network = new NetworkBuilder(checkpoint, graph);
        var image = graph.Input("image", OnnxType.UInt8, 1, "height", "width", 3);
        var x = new NetworkBuilder.Feature(graph.RgbToPlanes(image, 1f / 255), 3, NominalSide);

        var skips = new List<NetworkBuilder.Feature>();
        for (var level = 0; level < depth; level++)
        {
            x = Block(network, x, $"down_path.{Text(level)}", widths[level]);
            if (level < depth - 1)
            {
                skips.Add(x);
                x = network.MaxPool(x);
            }
        }

        NetworkBuilder.Feature Decode(string path, string last)
        {
            var y = x;
            for (var i = 0; i < depth - 1; i++)
            {
                var skip = skips[depth - 2 - i];
                y = network.Up(y, $"{path}.{Text(i)}.up", skip.Channels);
                y = Block(network, network.Concat(y, skip), $"{path}.{Text(i)}.conv_block", skip.Channels);
            }

            return network.Conv(y, last, 2, 1, bias: true);
        }

        var mask = Decode("up_path", "last").Value;
        var hv = Decode("up_path_m", "last_m").Value;
        network.RequireAllUsed("HoverFast's network", "num_batches_tracked");
        graph.Output("probability", graph.ProbabilityToBytes(graph.Slice(graph.Softmax(mask, 1), 1, 1, 2)), OnnxType.UInt8, 1, 1, "height", "width");
        graph.Output("hv", graph.HvToBytes(hv), OnnxType.Int8, 1, 2, "height", "width");
        if (outputs == NetworkOutputs.MapsAndRaw)
        {
            graph.Output("raw_mask", mask, OnnxType.Float, 1, 2, "height", "width");
            graph.Output("raw_hv", hv, OnnxType.Float, 1, 2, "height", "width");
        }

        return (graph, new ModelCard
        {
            Name = "hoverfast-published",
            Kind = "imported",
            Description = "HoverFast's published network (JOSS 2024, doi 10.21105/joss.07022), imported from a PyTorch checkpoint.",
            Mpp = 0.25,
            Normalisation = "bytes / 255",
            Outputs = "nucleus probability (softmax of two classes), horizontal and vertical map",
            Stride = 1 << (depth - 1),
            ReceptiveRadius = ReceptiveRadius(depth),
            Parameters = network.Parameters,
            MultiplyAddsPerPixel = network.MultiplyAdds / (NominalSide * (double)NominalSide),
        });
    }

    // Two branches of two convolutions, 3x3 and 7x7, joined by a 1x1 convolution.
    private static NetworkBuilder.Feature Block(NetworkBuilder network, NetworkBuilder.Feature x, string name, int channels)
    {
        NetworkBuilder.Feature Branch(int kernel)
        {
            var branch = $"{name}.conv_{Text(kernel)}.block";
            var y = network.ConvRelu(x, branch + ".0", channels, kernel, branch + ".1", bias: true, (kernel / 2, kernel / 2));
            return network.ConvRelu(y, branch + ".3", channels, kernel, branch + ".4", bias: true, (kernel / 2, kernel / 2));
        }

        return network.Conv(network.Concat(Branch(3), Branch(7)), name + ".conv", channels, 1, bias: true);
    }

    // Two 7x7 convolutions reach six pixels of their level; each level is passed twice but the deepest, each pooling reaches one pixel more.
    private static int ReceptiveRadius(int depth)
    {
        var radius = 0;
        for (var level = 0; level < depth; level++)
        {
            radius += (level < depth - 1 ? 13 : 6) << level;
        }

        return radius;
    }

    private static int Count(INetworkWeights checkpoint, string path)
    {
        var n = 0;
        while (checkpoint.Contains($"{path}.{Text(n)}.conv.weight"))
        {
            n++;
        }

        return n is >= 2 and <= 8 ? n : throw checkpoint.Error($"has {Text(n)} levels where HoverFast's network has 2 to 8");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
