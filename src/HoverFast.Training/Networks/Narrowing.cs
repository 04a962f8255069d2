using HoverFast.Model;
using HoverFast.Training.Torch;
using static TorchSharp.torch;

namespace HoverFast.Training.Networks;

/// <summary>
/// Takes from a trained network the channels that matter most, as the start of a narrower one of the same shape (Li et al., Pruning filters for
/// efficient ConvNets, ICLR 2017; Xu et al., Initializing models with larger ones, ICLR 2024). Channels that are added to each other stay or go
/// together. The narrower network may also lack residual pairs at the end of a block: what is left out was only added (Veit et al., Residual networks
/// behave like ensembles of relatively shallow networks, NeurIPS 2016). Batch norm heals the statistics in the first steps of training. A student so
/// begins with what its teacher sees.
/// </summary>
internal static class Narrowing
{
    /// <summary>Narrows.</summary>
    /// <param name="weights">Parameters and statistics of the wide network.</param>
    /// <param name="wide">Its shape.</param>
    /// <param name="narrow">The same shape with smaller widths, or with fewer residual pairs.</param>
    /// <returns>The trunk's weights; a branch of nucleus types is left out.</returns>
    /// <exception cref="InvalidDataException">The shapes don't correspond.</exception>
    public static Dictionary<string, Tensor> Narrow(IReadOnlyDictionary<string, Tensor> weights, StudentArchitecture wide, StudentArchitecture narrow)
    {
        (wide, narrow) = (wide with { Types = null }, narrow with { Types = null });
        var shorter = wide with { EncoderConvolutions = narrow.EncoderConvolutions, DecoderConvolutions = narrow.DecoderConvolutions };
        if (!LacksWholePairs(wide, shorter)
            || !Plan(narrow).SequenceEqual(Plan(shorter))
            || narrow.OutputStride != wide.OutputStride
            || narrow.Widths.Zip(wide.Widths).Any(w => w.First > w.Second))
        {
            throw new InvalidDataException(
                $"narrowFrom: a network of {string.Join('-', wide.Widths)} channels can't be narrowed to this one of {string.Join('-', narrow.Widths)}: "
                + "only the widths may differ, and none may grow, or residual pairs of convolutions may be left out at the end of a block.");
        }

        wide = shorter;

        using var noGrad = no_grad();
        var groups = new ChannelGroups(wide);
        var targets = narrow.Layers().ToDictionary(l => l.Name);
        var kept = new Dictionary<int, Tensor>();
        foreach (var group in wide.Layers().Where(l => l.Normalised).GroupBy(groups.Written))
        {
            var count = targets[group.First().Name].Outputs;
            var worth = Worth(weights, [.. group], [.. wide.Layers().Where(l => groups.Read(l) == group.Key)]);
            kept[group.Key] = worth.topk(count).indexes.sort().Values;
        }

        var narrowed = new Dictionary<string, Tensor>();
        foreach (var layer in wide.Layers())
        {
            var weight = weights[layer.Name + ".weight"];
            if (kept.TryGetValue(groups.Read(layer), out var inputs))
            {
                weight = weight.index_select(1, inputs);
            }

            var outputs = layer.Normalised ? kept[groups.Written(layer)] : null;
            narrowed[layer.Name + ".weight"] = outputs is null ? weight : weight.index_select(0, outputs);
            foreach (var kind in layer.Normalised ? ["gamma", "beta", "mean", "variance"] : new[] { "beta" })
            {
                var vector = weights[$"{layer.Name}.{kind}"];
                narrowed[$"{layer.Name}.{kind}"] = outputs is null ? vector : vector.index_select(0, outputs);
            }
        }

        return narrowed;
    }

    private static bool LacksWholePairs(StudentArchitecture wide, StudentArchitecture shorter)
    {
        var layers = wide.Layers().ToDictionary(l => l.Name);
        return wide.EncoderConvolutions.Count == shorter.EncoderConvolutions.Count
            && wide.DecoderConvolutions.Count == shorter.DecoderConvolutions.Count
            && wide.EncoderConvolutions.Zip(shorter.EncoderConvolutions).Select((n, level) => Pairs($"encoder{level}", n.First, n.Second)).All(b => b)
            && wide.DecoderConvolutions.Zip(shorter.DecoderConvolutions).Select((n, level) => Pairs($"decoder{level}", n.First, n.Second)).All(b => b);

        // Walked from the front, since a block may begin with a convolution that has no partner.
        bool Pairs(string block, int count, int kept)
        {
            var i = 0;
            while (i < Math.Min(kept, count))
            {
                i += wide.StartsPair(layers, block, i) ? 2 : 1;
            }

            if (i != kept)
            {
                return false;
            }

            while (i < count && wide.StartsPair(layers, block, i) && layers[$"{block}.{i}"].Step == 1)
            {
                i += 2;
            }

            return i == count;
        }
    }

    // Groups too: which convolutions are residual pairs depends on the widths.
    private static IEnumerable<(StudentArchitecture.Layer Layer, int Read, int Written)> Plan(StudentArchitecture network)
    {
        var groups = new ChannelGroups(network);
        return network.Layers().Select(l => (l with { Inputs = 0, Outputs = 0 }, groups.Read(l), groups.Written(l)));
    }

    // How strongly a channel is written (batch norm's scale is its spread) times how strongly it is read.
    private static Tensor Worth(IReadOnlyDictionary<string, Tensor> weights, StudentArchitecture.Layer[] writers, StudentArchitecture.Layer[] readers)
    {
        var written = writers.Select(l => weights[l.Name + ".gamma"].Squared()).Aggregate((a, b) => a.Plus(b));
        var read = readers.Select(l => weights[l.Name + ".weight"].Squared().sum([0, 2, 3])).Aggregate((a, b) => a.Plus(b));
        return written * read;
    }
}
