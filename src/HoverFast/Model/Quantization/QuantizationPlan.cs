using System.Runtime.InteropServices;
using HoverFast.Model.Onnx;

namespace HoverFast.Model.Quantization;

/// <summary>Which nodes of a float graph become integer, and which tensors need a range for it.</summary>
internal sealed class QuantizationPlan
{
    private readonly Dictionary<OnnxValue, OnnxConstant> _constants;
    private readonly Dictionary<OnnxValue, OnnxNode> _producers;
    private readonly Dictionary<OnnxValue, List<OnnxNode>> _consumers = [];

    public QuantizationPlan(OnnxGraph graph, QuantizationOptions options)
    {
        Graph = graph;
        _constants = graph.Constants.ToDictionary(c => c.Value);
        _producers = graph.Nodes.SelectMany(n => n.Outputs.Select(o => (o, n))).ToDictionary(p => p.o, p => p.n);
        foreach (var node in graph.Nodes)
        {
            foreach (var input in node.Inputs.OfType<OnnxValue>())
            {
                (_consumers.TryGetValue(input, out var list) ? list : _consumers[input] = []).Add(node);
            }
        }

        if (!options.FloatFirst)
        {
            FindPicture();
        }

        Choose(options);
        foreach (var node in graph.Nodes.Where(n => Integer.Contains(n) || n == FloatConvolution))
        {
            if (Parts(node) is { Count: > 0 } parts)
            {
                Observe(parts.Select(p => p.Slice.Outputs[0]));
            }
            else if (OwnRange(node))
            {
                Observe(node.Outputs);
            }

            if (node.Operator == "Conv")
            {
                Observe([node.Inputs[0]!]);
            }
        }
    }

    public OnnxGraph Graph { get; }

    /// <summary>Nodes that become integer.</summary>
    public HashSet<OnnxNode> Integer { get; } = [];

    /// <summary>The floats that the picture's bytes become in the graph's first nodes, or null where those can't be used as they are.</summary>
    public OnnxValue? Picture { get; private set; }

    /// <summary>The bytes that <see cref="Picture"/> is made of.</summary>
    public OnnxValue? PictureBytes { get; private set; }

    /// <summary>The graph's first nodes, which the picture's bytes make superfluous.</summary>
    public HashSet<OnnxNode> PictureNodes { get; } = [];

    /// <summary>How the picture's bytes stand for <see cref="Picture"/>.</summary>
    public QuantizedRange PictureRange { get; private set; }

    /// <summary>Names of tensors whose distribution is needed.</summary>
    public List<string> Observed { get; } = [];

    public OnnxConstant? Constant(OnnxValue? value) => value is not null && _constants.TryGetValue(value, out var c) ? c : null;

    /// <summary>Whether a node's output gets bytes of its own range: not where a ReLU alone follows, nor where values only move.</summary>
    public bool OwnRange(OnnxNode node) => (Integer.Contains(node) || node == FloatConvolution) && !Moves(node) && !MeltsIntoRelu(node);

    /// <summary>Whether a node's output only repeats values of its input, so that it shares the input's range.</summary>
    public static bool Moves(OnnxNode node) => node.Operator is "MaxPool" or "Resize";

    /// <summary>Whether the only use of a node's output is an integer ReLU, which its integer kernel then takes over.</summary>
    public bool MeltsIntoRelu(OnnxNode node) => Consumers(node.Outputs[0]) is [{ Operator: "Relu" } relu] && Integer.Contains(relu);

    /// <summary>
    /// The channels that each use of a convolution takes, where all its uses are slices of channels: each becomes a convolution of
    /// its own then, since probability and HV maps need different ranges. Empty for any other node.
    /// </summary>
    public IReadOnlyList<(OnnxNode Slice, int From, int To)> Parts(OnnxNode node)
    {
        if (node.Operator != "Conv" || !Integer.Contains(node))
        {
            return [];
        }

        var channels = Constant(node.Inputs[1])!.Shape[0];
        var parts = new List<(OnnxNode Slice, int From, int To)>();
        foreach (var use in Consumers(node.Outputs[0]))
        {
            if (use.Operator != "Slice"
                || Integers(use.Inputs[1]) is not [var from]
                || Integers(use.Inputs[2]) is not [var to]
                || Integers(use.Inputs[3]) is not [1]
                || from < 0
                || to > channels
                || from >= to)
            {
                return [];
            }

            parts.Add((use, (int)from, (int)to));
        }

        return parts;
    }

    private long[] Integers(OnnxValue? value) => Constant(value) is { Type: OnnxType.Int64 } c ? MemoryMarshal.Cast<byte, long>(c.Data.Span).ToArray() : [];

    private void Observe(IEnumerable<OnnxValue> values)
    {
        foreach (var value in values.Where(v => !Observed.Contains(v.Name)))
        {
            Observed.Add(value.Name);
        }
    }

    private List<OnnxNode> Consumers(OnnxValue value) => _consumers.GetValueOrDefault(value) ?? [];

    // Looks for bytes -> transpose -> cast -> times a number -> plus a number, whose inverse is a whole zero point.
    private void FindPicture()
    {
        var cast = Graph.Nodes.FirstOrDefault(n =>
            n.Operator == "Cast"
            && n.Int("to", 0) == (long)OnnxType.Float
            && n.Inputs[0] is { } source
            && (
                Graph.Inputs.Any(i => i.Value == source && i.Type == OnnxType.UInt8)
                || (
                    _producers.TryGetValue(source, out var transpose)
                    && transpose.Operator == "Transpose"
                    && Graph.Inputs.Any(i => i.Value == transpose.Inputs[0] && i.Type == OnnxType.UInt8))));
        if (cast is null || Consumers(cast.Outputs[0]) is not [{ Operator: "Mul" } mul] || Scalar(mul.Inputs[1]) is not { } factor || factor <= 0)
        {
            return;
        }

        var last = mul;
        var offset = 0f;
        if (Consumers(mul.Outputs[0]) is [{ Operator: "Add" } add] && Scalar(add.Inputs[1]) is { } shift)
        {
            (last, offset) = (add, shift);
        }

        var zero = -offset / factor;
        if (zero is >= 0 and <= 255 && Math.Abs(zero - MathF.Round(zero)) < 1e-3f)
        {
            Picture = last.Outputs[0];
            PictureBytes = cast.Inputs[0];
            PictureNodes.UnionWith([cast, mul, last]);
            PictureRange = new QuantizedRange(factor, (byte)MathF.Round(zero));
        }
    }

    private float? Scalar(OnnxValue? value) => Constant(value) is { Type: OnnxType.Float } c && c.Floats.Length == 1 ? c.Floats[0] : null;

    private void Choose(QuantizationOptions options)
    {
        var bytes = new HashSet<OnnxValue>();
        if (Picture is not null)
        {
            bytes.Add(Picture);
        }

        var first = true;
        foreach (var node in Graph.Nodes)
        {
            var integer = node.Operator switch
            {
                "Conv" => (bytes.Contains(node.Inputs[0]!) || first)
                    && Constant(node.Inputs[1]) is not null
                    && (node.Inputs.Count < 3 || Constant(node.Inputs[2]) is not null),
                "Relu" or "MaxPool" => bytes.Contains(node.Inputs[0]!),
                "Resize" => bytes.Contains(node.Inputs[0]!) && node.Attributes.Any(a => a.Name == "mode" && a.Proto.S.ToStringUtf8() == "nearest"),
                "Add" or "Concat" => node.Inputs.All(i => bytes.Contains(i!)),
                _ => false,
            };
            if (!integer)
            {
                continue;
            }

            if (node.Operator == "Conv" && first)
            {
                first = false;
                if (options.FloatFirst || !bytes.Contains(node.Inputs[0]!))
                {
                    // Its output still becomes bytes, after the ReLU that follows it if there is one.
                    FloatConvolution = node;
                    bytes.Add(node.Outputs[0]);
                    continue;
                }
            }

            Integer.Add(node);
            bytes.Add(node.Outputs[0]);
        }

        if (options.FloatLast)
        {
            Integer.ExceptWith(Integer.Where(n => n.Operator == "Conv" && Consumers(n.Outputs[0]).TrueForAll(c => !Integer.Contains(c))).ToList());
        }
    }

    /// <summary>The first convolution, where it keeps its floats.</summary>
    public OnnxNode? FloatConvolution { get; private set; }
}
