using HoverFast.Model.Onnx;
using HoverFast.Slides;

namespace HoverFast.Model.Quantization;

/// <summary>
/// Quantises the branch of nucleus types of a network whose trunk is quantised already, and adds it to that one: what the trunk computes stays, to the
/// byte.
/// </summary>
internal static class BranchQuantizer
{
    private const string Output = "types";

    /// <summary>Adds the branch.</summary>
    /// <param name="trunk">The quantised network; it is left as it is. A branch that it has is left out.</param>
    /// <param name="graph">The float network with the branch, of the same trunk.</param>
    /// <param name="tiles">Pictures of real tissue, of sizes that the network takes.</param>
    /// <param name="options">Choices, or null.</param>
    /// <returns>A new graph.</returns>
    /// <exception cref="ArgumentException">The networks don't belong together, or there are no tiles.</exception>
    public static OnnxGraph Add(OnnxGraph trunk, OnnxGraph graph, IReadOnlyList<RgbImage> tiles, QuantizationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(trunk);
        ArgumentNullException.ThrowIfNull(graph);
        options ??= new QuantizationOptions();
        if (tiles.Count == 0)
        {
            throw new ArgumentException("Calibration needs tiles of real tissue.", nameof(tiles));
        }

        if (graph.Outputs.All(o => o.Value.Name != Output))
        {
            throw new ArgumentException("A branch of types is added from a network with one.", nameof(graph));
        }

        var branch = BranchOf(graph);
        var plan = new QuantizationPlan(graph, options);
        var result = OnnxGraph.Parse(trunk.ToBytes(), trunk.Name);
        result.RemoveOutput(Output);
        var entries = branch.SelectMany(n => n.Inputs.OfType<OnnxValue>()).Distinct()
            .Where(v => plan.Constant(v) is null && !branch.Any(n => n.Outputs.Contains(v)))
            .ToDictionary(v => v, v => EntryIn(result, graph, v, branch));
        var statistics = ActivationCollector.Collect(graph, plan.Observed, tiles);
        return new QuantizedWriter(plan, statistics, options, result).WriteBranch(branch, entries, Output);
    }

    // What no other output needs.
    private static HashSet<OnnxNode> BranchOf(OnnxGraph graph)
    {
        var trunk = graph.NodesOf(o => o != Output);
        return [.. graph.Nodes.Where(n => !trunk.Contains(n))];
    }

    // A convolution of the trunk takes the same tensor, and has the same name in both networks.
    private static (OnnxValue Value, QuantizedRange Range) EntryIn(OnnxGraph quantised, OnnxGraph graph, OnnxValue value, HashSet<OnnxNode> branch)
    {
        var producers = quantised.Nodes.SelectMany(n => n.Outputs.Select(o => (o, n))).ToDictionary(p => p.o, p => p.n);
        var constants = quantised.Constants.ToDictionary(c => c.Value);
        var reader = graph.Nodes.FirstOrDefault(n => n.Operator == "Conv" && n.Inputs[0] == value && !branch.Contains(n));
        var twin = reader is null ? null : quantised.Nodes.FirstOrDefault(n => n.Operator == "Conv" && NameOf(n.Inputs[1]!) == reader.Inputs[1]!.Name);
        if (twin?.Inputs[0] is { } entry && producers.TryGetValue(entry, out var dequantize) && dequantize.Operator == "DequantizeLinear"
            && dequantize.Inputs[1] is { } scale && dequantize.Inputs[2] is { } zero && constants[zero].Type == OnnxType.UInt8)
        {
            return (entry, new QuantizedRange(constants[scale].Floats[0], constants[zero].Data.Span[0]));
        }

        throw new ArgumentException("The quantised network has another trunk than the one with the branch of types.", nameof(quantised));

        string NameOf(OnnxValue weights) => producers.TryGetValue(weights, out var producer) ? producer.Inputs[0]!.Name : weights.Name;
    }
}
