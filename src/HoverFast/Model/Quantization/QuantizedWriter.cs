using HoverFast.Model.Onnx;

namespace HoverFast.Model.Quantization;

/// <summary>Writes the quantised twin of a float graph.</summary>
/// <param name="plan">What becomes integer.</param>
/// <param name="statistics">What calibration saw of each tensor.</param>
/// <param name="options">Choices.</param>
/// <param name="onto">A graph to add to; null begins a new one.</param>
internal sealed class QuantizedWriter(
    QuantizationPlan plan, IReadOnlyDictionary<string, ActivationStatistics> statistics, QuantizationOptions options, OnnxGraph? onto = null)
{
    private readonly OnnxGraph _result = onto ?? new(plan.Graph.Name, plan.Graph.Opset);
    private readonly Dictionary<OnnxValue, OnnxValue> _values = [];
    private readonly Dictionary<OnnxValue, QuantizedRange> _ranges = [];

    public OnnxGraph Write()
    {
        foreach (var (key, value) in plan.Graph.Metadata)
        {
            _result.Metadata[key] = value;
        }

        foreach (var (value, type, shape) in plan.Graph.Inputs)
        {
            _values[value] = _result.Input(value.Name, type, shape);
        }

        foreach (var node in plan.Graph.Nodes)
        {
            if (plan.PictureNodes.Contains(node))
            {
                if (node.Outputs[0] == plan.Picture)
                {
                    _values[node.Outputs[0]] = _result.DequantizeLinear(_values[plan.PictureBytes!], plan.PictureRange.Scale, plan.PictureRange.ZeroPoint);
                    _ranges[node.Outputs[0]] = plan.PictureRange;
                }
            }
            else if (plan.Parts(node) is { Count: > 0 } parts)
            {
                foreach (var (slice, from, to) in parts)
                {
                    _values[slice.Outputs[0]] = ThroughBytes(
                        slice.Outputs[0],
                        WriteConvolution(node, from, to),
                        statistics[slice.Outputs[0].Name].Range(options));
                }
            }
            else if (!_values.ContainsKey(node.Outputs[0]))
            {
                // Other slices became convolutions of their own.
                Write(node);
            }
        }

        foreach (var (value, type, shape) in plan.Graph.Outputs)
        {
            _result.Output(value.Name, _values[value], type, shape);
        }

        return _result;
    }

    /// <summary>Adds some of the nodes to the graph that there is.</summary>
    /// <param name="branch">The nodes.</param>
    /// <param name="entries">The tensors of that graph that they take in place of the float graph's.</param>
    /// <param name="output">Name of the float graph's output that they end in.</param>
    public OnnxGraph WriteBranch(IReadOnlySet<OnnxNode> branch, IReadOnlyDictionary<OnnxValue, (OnnxValue Value, QuantizedRange Range)> entries, string output)
    {
        foreach (var (value, entry) in entries)
        {
            (_values[value], _ranges[value]) = entry;
        }

        foreach (var node in plan.Graph.Nodes.Where(branch.Contains))
        {
            Write(node);
        }

        var (last, type, shape) = plan.Graph.Outputs.First(o => o.Value.Name == output);
        _result.Output(output, _values[last], type, shape);
        return _result;
    }

    private void Write(OnnxNode node)
    {
        if (plan.Integer.Contains(node))
        {
            _values[node.Outputs[0]] = WriteInteger(node);
        }
        else
        {
            Copy(node);
        }
    }

    private void Copy(OnnxNode node)
    {
        var outputs = _result.AddNode(node.Operator, [.. node.Inputs.Select(Mapped)], node.Outputs.Count, [.. node.Attributes]);
        for (var i = 0; i < outputs.Count; i++)
        {
            _values[node.Outputs[i]] = outputs[i];
        }

        if (node == plan.FloatConvolution && plan.OwnRange(node))
        {
            _values[node.Outputs[0]] = ThroughBytes(node.Outputs[0], outputs[0], statistics[node.Outputs[0].Name].Range(options));
        }
    }

    private OnnxValue WriteInteger(OnnxNode node)
    {
        var x =
            node.Operator == "Conv"
                ? WriteConvolution(node, 0, (int)plan.Constant(node.Inputs[1])!.Shape[0])
                : _result.Node(node.Operator, [.. node.Inputs.Select(Mapped)], [.. node.Attributes]);
        if (QuantizationPlan.Moves(node))
        {
            return ThroughBytes(node.Outputs[0], x, _ranges[node.Inputs[0]!]);
        }

        return plan.OwnRange(node) ? ThroughBytes(node.Outputs[0], x, statistics[node.Outputs[0].Name].Range(options)) : x;
    }

    private OnnxValue ThroughBytes(OnnxValue original, OnnxValue x, QuantizedRange range)
    {
        _ranges[original] = range;
        return _result.DequantizeLinear(_result.QuantizeLinear(x, range.Scale, range.ZeroPoint), range.Scale, range.ZeroPoint);
    }

    // The output channels from one number up to before another.
    private OnnxValue WriteConvolution(OnnxNode node, int from, int to)
    {
        var weights = plan.Constant(node.Inputs[1])!;
        var outputs = to - from;
        var each = weights.Floats.Length / (int)weights.Shape[0];
        var floats = weights.Floats.Slice(from * each, outputs * each);
        var largest = options.WeightBits == 7 ? 63 : 127;
        var rounded = new sbyte[floats.Length];
        var scales = new float[outputs];
        for (var o = 0; o < outputs; o++)
        {
            var most = 0f;
            foreach (var w in floats.Slice(o * each, each))
            {
                most = Math.Max(most, Math.Abs(w));
            }

            scales[o] = most > 0 ? most / largest : 1;
            for (var i = o * each; i < (o + 1) * each; i++)
            {
                rounded[i] = (sbyte)Math.Clamp(MathF.Round(floats[i] / scales[o]), -largest, largest);
            }
        }

        var name = weights.Value.Name;
        var w8 = _result.Node(
            "DequantizeLinear",
            [
                _result.Constant(name, rounded, [outputs, .. weights.Shape[1..]]),
                _result.Constant(name + ".scale", scales, outputs),
                _result.Constant(name + ".zero", new sbyte[outputs], outputs),
            ],
            new OnnxAttribute("axis", 0));
        var inputScale = _ranges[node.Inputs[0]!].Scale;
        var bias = Bias(node, from, floats, rounded, scales, each);
        var biasScales = Array.ConvertAll(scales, s => s * inputScale);
        var whole = new int[outputs];
        for (var o = 0; o < outputs; o++)
        {
            whole[o] = (int)Math.Clamp(Math.Round(bias[o] / biasScales[o]), int.MinValue, int.MaxValue);
        }

        var b32 = _result.Node(
            "DequantizeLinear",
            [
                _result.Constant(name + ".bias", whole, outputs),
                _result.Constant(name + ".bias.scale", biasScales, outputs),
                _result.Constant(name + ".bias.zero", new int[outputs], outputs),
            ],
            new OnnxAttribute("axis", 0));
        return _result.Node("Conv", [Mapped(node.Inputs[0]), w8, b32], [.. node.Attributes]);
    }

    // The bias, corrected by what rounding the weights does to the mean input.
    private double[] Bias(OnnxNode node, int from, ReadOnlySpan<float> floats, sbyte[] rounded, float[] scales, int each)
    {
        var bias = new double[scales.Length];
        if (node.Inputs.Count > 2)
        {
            var given = plan.Constant(node.Inputs[2])!.Floats;
            for (var o = 0; o < bias.Length; o++)
            {
                bias[o] = given[from + o];
            }
        }

        if (options.CorrectBias && node.Int("group", 1) == 1)
        {
            var means = statistics[node.Inputs[0]!.Name].ChannelMeans;
            var kernel = each / means.Length;
            for (var o = 0; o < bias.Length; o++)
            {
                for (var i = 0; i < each; i++)
                {
                    bias[o] += (floats[(o * each) + i] - (rounded[(o * each) + i] * (double)scales[o])) * means[i / kernel];
                }
            }
        }

        return bias;
    }

    private OnnxValue? Mapped(OnnxValue? value)
    {
        if (value is null)
        {
            return null;
        }

        if (!_values.TryGetValue(value, out var mapped))
        {
            mapped = _result.Constant(plan.Constant(value)!);
            _values[value] = mapped;
        }

        return mapped;
    }
}
