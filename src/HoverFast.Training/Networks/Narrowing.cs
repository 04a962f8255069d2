using HoverFast.Model;
using static TorchSharp.torch;

namespace HoverFast.Training.Networks;

/// <summary>
/// Takes from a trained network the channels that matter most, as the start of a narrower one of the same shape (Li et al., Pruning filters for
/// efficient ConvNets, ICLR 2017; Xu et al., Initializing models with larger ones, ICLR 2024). Channels that are added to each other stay or go
/// together. Batch norm heals the statistics in the first steps of training. A student so begins with what its teacher sees.
/// </summary>
internal static class Narrowing
{
    /// <summary>Narrows.</summary>
    /// <param name="weights">Parameters and statistics of the wide network.</param>
    /// <param name="wide">Its shape.</param>
    /// <param name="narrow">The same shape with smaller widths.</param>
    /// <exception cref="InvalidDataException">The shapes don't correspond.</exception>
    public static Dictionary<string, Tensor> Narrow(IReadOnlyDictionary<string, Tensor> weights, StudentArchitecture wide, StudentArchitecture narrow)
    {
        if (!Plan(narrow).SequenceEqual(Plan(wide)) || narrow.OutputStride != wide.OutputStride || narrow.Widths.Zip(wide.Widths).Any(w => w.First > w.Second))
        {
            throw new InvalidDataException(
                $"narrowFrom: a network of {string.Join('-', wide.Widths)} channels can't be narrowed to this one of {string.Join('-', narrow.Widths)}: only the widths may differ, and none may grow.");
        }

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

    // Groups too: which convolutions are residual pairs depends on the widths.
    private static IEnumerable<(StudentArchitecture.Layer Layer, int Read, int Written)> Plan(StudentArchitecture network)
    {
        var groups = new ChannelGroups(network);
        return network.Layers().Select(l => (l with { Inputs = 0, Outputs = 0 }, groups.Read(l), groups.Written(l)));
    }

    // How strongly a channel is written (batch norm's scale is its spread) times how strongly it is read.
    private static Tensor Worth(IReadOnlyDictionary<string, Tensor> weights, StudentArchitecture.Layer[] writers, StudentArchitecture.Layer[] readers)
    {
        var written = writers.Select(l => weights[l.Name + ".gamma"].square()).Aggregate((a, b) => a + b);
        var read = readers.Select(l => weights[l.Name + ".weight"].square().sum([0, 2, 3])).Aggregate((a, b) => a + b);
        return written * read;
    }
}
