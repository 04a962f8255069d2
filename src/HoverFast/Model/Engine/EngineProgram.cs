using System.Runtime.InteropServices;
using HoverFast.Model.Onnx;
using HoverFast.Model.Quantization;

namespace HoverFast.Model.Engine;

/// <summary>The steps of a quantised student, read from its ONNX graph.</summary>
/// <param name="Steps">In the order in which the data passes them; step 0 is the picture.</param>
/// <param name="Head">What comes after them.</param>
/// <param name="Types">What tells nucleus types, or null where the network knows none.</param>
internal sealed record EngineProgram(IReadOnlyList<RowStep> Steps, HeadStep Head, TypeStep? Types)
{
    /// <summary>Pixels of the network's picture on a side of one pixel of the coarsest result.</summary>
    private const int MostScale = 256;

    /// <summary>Channels of all results together, each counted by its rows' share of the picture's width: memory grows with them.</summary>
    private const double MostChannels = 16_384;

    /// <summary>
    /// Weights of one output channel, twice for those of 15 bits: kernels keep an address for some of them on the stack, and more might overflow a sum's 32
    /// bits. Networks of ours have 36,864 at most.
    /// </summary>
    private const long MostTaps = 1 << 16;

    // What a byte of one result counts for in the next one: more would overflow a sum's 32 bits, differently on each processor.
    private const float LargestAddFactor = 1 << 20;

    /// <summary>Reads a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="kernel">What will compute the convolutions.</param>
    /// <returns>The steps, or null where the graph holds anything but what a quantised student of <see cref="StudentGraph"/> is made of.</returns>
    public static EngineProgram? Read(OnnxGraph graph, ConvolutionKernel kernel)
    {
        try
        {
            return new Reader(graph, kernel).Read();
        }
        catch (Exception e) when (e is Unsuitable or ArgumentException or InvalidOperationException or ArithmeticException or IndexOutOfRangeException)
        {
            // All but the first: operators with other inputs, or numbers of other sizes, than ours.
            return null;
        }
    }

    /// <summary>The graph is another than this engine knows.</summary>
    private sealed class Unsuitable : Exception;

    // Follows the graph's nodes and says what each tensor is; a convolution or sum becomes a step when the range of its bytes is known.
    private sealed class Reader(OnnxGraph graph, ConvolutionKernel kernel)
    {
        private readonly Dictionary<OnnxValue, OnnxConstant> _constants = graph.Constants.ToDictionary(c => c.Value);
        private readonly Dictionary<OnnxValue, Tensor> _tensors = [];
        private readonly List<RowStep> _steps = [];
        private readonly Dictionary<string, Tensor> _outputs = new(StringComparer.Ordinal);

        public EngineProgram Read()
        {
            Require(graph.Inputs is [{ Type: OnnxType.UInt8 }]);
            _tensors[graph.Inputs[0].Value] = new PictureBytes();
            foreach (var node in graph.Nodes)
            {
                if (Follow(node) is { } tensor)
                {
                    Require(node.Outputs.Count == 1);
                    _tensors[node.Outputs[0]] = tensor;
                }
            }

            foreach (var (value, _, _) in graph.Outputs)
            {
                Require(_tensors.GetValueOrDefault(value) is Output or TypeOutput);
                _outputs[value.Name] = _tensors[value];
            }

            Require(_steps.Sum(s => (double)s.Channels / s.Scale) <= MostChannels);
            Require(_outputs.GetValueOrDefault("probability") is Output && _outputs.GetValueOrDefault("hv") is Output);
            var head = Head((Output)_outputs["probability"], (Output)_outputs["hv"]);
            Require(_outputs.Count == (_outputs.ContainsKey("types") ? 3 : 2));
            var types = _outputs.GetValueOrDefault("types") as TypeOutput;
            Require(types is not null || _outputs.Count == 2);
            return new EngineProgram(_steps, head, types is null ? null : Types(types, head));
        }

        private static void Require(bool holds)
        {
            if (!holds)
            {
                throw new Unsuitable();
            }
        }

        private Tensor? Follow(OnnxNode node) => node.Operator switch
        {
            // Constants alone: weights and biases.
            "DequantizeLinear" when node.Inputs[0] is { } x && _constants.ContainsKey(x) => null,
            "Transpose" => Transposed(node),
            "Cast" when Tensor(node) is TypeOutput types => Numbered(node, types),
            "Cast" => Tensor<PictureBytes>(node),
            "ArgMax" => Types(node),
            "Add" when Tensor(node) is TypeOutput { First: 0, IsBytes: false } types => types with { First = Integer(node.Inputs[1]) },
            "Mul" => Scaled(node),
            "Add" when Tensor(node) is Picture picture => picture with { Offset = Scalar(node.Inputs[1]) },
            "Add" => new Sum(Tensor<Bytes>(node), Tensor<Bytes>(node, 1), Rectified: false),
            "Conv" => Convolution(node),
            "Relu" => Tensor(node) switch
            {
                Convolved c => c with { Rectified = true },
                Sum s => s with { Rectified = true },
                _ => throw new Unsuitable(),
            },
            "MaxPool" => Pool(node),
            "Resize" => Doubled(node),
            "QuantizeLinear" => Quantized(node),
            "DequantizeLinear" => Dequantized(node),
            "Slice" => Sliced(node),
            "Sigmoid" => Tensor<Output>(node) with { Sigmoid = true },
            "Clip" => Clipped(node),
            "DepthToSpace" => Spread(node),
            _ => throw new Unsuitable(),
        };

        private Tensor Tensor(OnnxNode node, int input = 0) =>
            node.Inputs[input] is { } value && _tensors.TryGetValue(value, out var tensor) ? tensor : throw new Unsuitable();

        private T Tensor<T>(OnnxNode node, int input = 0)
            where T : Tensor => Tensor(node, input) as T ?? throw new Unsuitable();

        private OnnxConstant Constant(OnnxValue? value) => value is not null && _constants.TryGetValue(value, out var c) ? c : throw new Unsuitable();

        private float Scalar(OnnxValue? value) => Constant(value) is { Type: OnnxType.Float, Count: 1 } c ? c.Floats[0] : throw new Unsuitable();

        private QuantizedRange Range(OnnxNode node) =>
            Constant(node.Inputs[2]) is { Type: OnnxType.UInt8, Count: 1 } zero && Scalar(node.Inputs[1]) is > 0 and < float.PositiveInfinity and var scale
                ? new QuantizedRange(scale, zero.Data.Span[0])
                : throw new Unsuitable();

        private PictureBytes Transposed(OnnxNode node)
        {
            Require(Ints(node, "perm") is [0, 3, 1, 2]);
            return Tensor<PictureBytes>(node) with { Transposed = true };
        }

        private Picture Scaled(OnnxNode node)
        {
            Require(Tensor<PictureBytes>(node).Transposed);
            return new Picture(Scalar(node.Inputs[1]), 0);
        }

        private static long[] Ints(OnnxNode node, string attribute) => node.Attributes.FirstOrDefault(a => a.Name == attribute)?.Proto.Ints.ToArray() ?? [];

        private static string Word(OnnxNode node, string attribute) => node.Attributes.FirstOrDefault(a => a.Name == attribute)?.Proto.S.ToStringUtf8() ?? "";

        private Convolved Convolution(OnnxNode node)
        {
            var input = Tensor(node);
            var producer = graph.Nodes.FirstOrDefault(n => n.Outputs[0] == node.Inputs[1]);
            var weights = Constant(producer is null ? node.Inputs[1] : producer.Inputs[0]);
            Require(
                weights.Shape is [_, _, 1 or 3 or 6 or 10, _] && weights.Shape[2] == weights.Shape[3] && node.Int("group", 1) == 1 && node.Inputs.Count == 3);
            var side = (int)weights.Shape[2];
            var strides = Ints(node, "strides");
            var stride = strides.Length == 0 ? 1 : (int)strides[0];
            var pads = Ints(node, "pads");
            var padding = pads.Length == 0 ? 0 : pads[0];
            Require(
                Array.TrueForAll(strides, s => s == stride)
                    && Array.TrueForAll(pads, p => p == padding)
                    && padding == (side - stride + 1) / 2
                    && stride is 1 or 2);
            if (producer is null)
            {
                Require(weights.Type == OnnxType.Float && Constant(node.Inputs[2]).Type == OnnxType.Float);
                return new Convolved(input, weights, Constant(node.Inputs[2]), null, side, stride, Rectified: false);
            }

            var bias = graph.Nodes.FirstOrDefault(n => n.Outputs[0] == node.Inputs[2]) ?? throw new Unsuitable();
            Require(
                producer.Operator == "DequantizeLinear"
                    && bias.Operator == "DequantizeLinear"
                    && weights.Type == OnnxType.Int8
                    && Constant(bias.Inputs[0]).Type == OnnxType.Int32
                    && IsZero(producer)
                    && IsZero(bias));
            return new Convolved(input, weights, Constant(bias.Inputs[0]), Constant(producer.Inputs[1]), side, stride, Rectified: false);
        }

        private bool IsZero(OnnxNode dequantize) => dequantize.Inputs.Count < 3 || Constant(dequantize.Inputs[2]).Data.Span.IndexOfAnyExcept((byte)0) < 0;

        private Pooled Pool(OnnxNode node)
        {
            Require(Ints(node, "kernel_shape") is [2, 2] && Ints(node, "strides") is [2, 2] && Ints(node, "pads").Length == 0);
            var source = Tensor<Bytes>(node);
            Require(!source.Doubled);
            var step = _steps[source.Step];
            Require(step.Scale < MostScale);
            _steps.Add(new MaxPoolStep(source.Step, step.Scale * 2, step.Channels, step.ZeroPoint));
            return new Pooled(source with { Step = _steps.Count - 1 });
        }

        private Tensor Doubled(OnnxNode node)
        {
            if (Tensor(node) is TypeOutput types)
            {
                return DoubledTypes(node, types);
            }

            RequireNearest(node);
            var source = Tensor<Bytes>(node);
            Require(!source.Doubled);
            return new Pooled(source with { Doubled = true });
        }

        private TypeOutput DoubledTypes(OnnxNode node, TypeOutput types)
        {
            RequireNearest(node);
            Require(types.IsBytes && types.Enlarged < MostScale);
            return types with { Enlarged = 2 * types.Enlarged };
        }

        private void RequireNearest(OnnxNode node) =>
            Require(Word(node, "mode") == "nearest" && Word(node, "nearest_mode") == "floor" && Word(node, "coordinate_transformation_mode") == "asymmetric"
                && node.Inputs.Count == 3 && Constant(node.Inputs[2]).Floats is [1, 1, 2, 2]);

        private Tensor Quantized(OnnxNode node)
        {
            var tensor = Tensor(node);
            if (tensor is Output output)
            {
                Require(output.Scale == 0);
                return output with
                {
                    Scale = Scalar(node.Inputs[1]),
                    Signed = Constant(node.Inputs[2]).Type == OnnxType.Int8 && Constant(node.Inputs[2]).Data.Span[0] == 0,
                };
            }

            var range = Range(node);
            switch (tensor)
            {
                case Pooled pooled:
                    Require(pooled.Bytes.Range == range);
                    return pooled.Bytes;
                case Convolved c:
                    Require(!c.Rectified || range.ZeroPoint == 0);
                    return new Bytes(AddConvolution(c, range), range);
                case Sum s:
                    Require(!s.Rectified || range.ZeroPoint == 0);
                    return new Bytes(AddSum(s, range), range);
                default:
                    throw new Unsuitable();
            }
        }

        private Tensor Dequantized(OnnxNode node)
        {
            if (Tensor(node) is PictureBytes { Transposed: true })
            {
                var range = Range(node);
                return new Picture(range.Scale, 0, range.ZeroPoint);
            }

            var bytes = Tensor<Bytes>(node);
            Require(bytes.Range == Range(node));
            return bytes;
        }

        private unsafe int AddConvolution(Convolved c, QuantizedRange range)
        {
            var (source, input) = c.Input switch
            {
                Bytes { Doubled: false } b => (b.Step, b.Range),
                Picture p => (AddPicture(p), PictureRange(p)),
                _ => throw new Unsuitable(),
            };
            var outputs = (int)c.Weights.Shape[0];
            Require(
                outputs > 0
                    && outputs % ConvolutionKernel.GroupChannels == 0
                    && c.Weights.Shape[1] == _steps[source].Channels
                    && _steps[source].Scale * c.Stride <= MostScale);
            var packed = Packed(c, input, range.Scale);

            // Else a sum might be too large for a whole number, which processors round differently.
            for (var o = 0; o < outputs; o++)
            {
                Require(packed.Factors[o] is >= 0 and < 1);
            }

            _steps.Add(new ConvolutionStep(source, _steps[source].Scale * c.Stride, packed, c.Stride, range.ZeroPoint));
            return _steps.Count - 1;
        }

        private int AddPicture(Picture picture)
        {
            Require(_steps.Count == 0);
            _steps.Add(new PictureStep(PictureRange(picture).ZeroPoint));
            return 0;
        }

        // The byte that the network sees as 0 is its padding too, so it has to be a whole one.
        private static QuantizedRange PictureRange(Picture picture)
        {
            var zero = picture.ZeroPoint ?? -picture.Offset / picture.Factor;
            Require(picture.Factor > 0 && zero is >= 0 and <= 255 && zero == MathF.Round(zero));
            return new QuantizedRange(picture.Factor, (byte)zero);
        }

        private PackedConvolution Packed(Convolved c, QuantizedRange input, float unit)
        {
            var outputs = (int)c.Weights.Shape[0];
            var each = c.Weights.Count / outputs;
            Require((c.Scales is null ? 2 : 1) * (long)each <= MostTaps);
            var whole = new int[c.Weights.Count];
            var bias = new int[outputs];
            var factors = new float[outputs];
            if (c.Scales is { } scales)
            {
                Require(scales.Count == outputs && c.Bias.Count == outputs);
                var weights = MemoryMarshal.Cast<byte, sbyte>(c.Weights.Data.Span);
                Require(!weights.Contains(sbyte.MinValue));
                for (var i = 0; i < whole.Length; i++)
                {
                    whole[i] = weights[i];
                }

                MemoryMarshal.Cast<byte, int>(c.Bias.Data.Span).CopyTo(bias);
                for (var o = 0; o < outputs; o++)
                {
                    factors[o] = input.Scale * scales.Floats[o] / unit;
                }

                Require(Array.TrueForAll(factors, float.IsFinite));
                return new PackedConvolution(whole, bias, factors, (int)c.Weights.Shape[1], c.Side, input.ZeroPoint, wide: false, kernel);
            }

            var floats = c.Weights.Floats;
            for (var o = 0; o < outputs; o++)
            {
                var most = 0f;
                foreach (var w in floats.Slice(o * each, each))
                {
                    most = Math.Max(most, Math.Abs(w));
                }

                var scale = most > 0 ? most / PackedConvolution.LargestWide : 1;
                for (var i = o * each; i < (o + 1) * each; i++)
                {
                    whole[i] = (int)MathF.Round(floats[i] / scale);
                }

                bias[o] = (int)Math.Clamp(Math.Round(c.Bias.Floats[o] / ((double)input.Scale * scale)), int.MinValue / 2, int.MaxValue / 2);
                factors[o] = input.Scale * scale / unit;
            }

            Require(Array.TrueForAll(factors, float.IsFinite) && c.Bias.Count == outputs);
            return new PackedConvolution(whole, bias, factors, (int)c.Weights.Shape[1], c.Side, input.ZeroPoint, wide: true, kernel);
        }

        private int AddSum(Sum sum, QuantizedRange range)
        {
            var (a, b) = sum.Second.Doubled ? (sum.Second, sum.First) : (sum.First, sum.Second);
            var (first, second) = (_steps[a.Step], _steps[b.Step]);
            Require(
                !b.Doubled
                    && first.Channels == second.Channels
                    && first.Scale == second.Scale * (a.Doubled ? 2 : 1)
                    && first.Channels % ConvolutionKernel.GroupChannels == 0);
            var factors = AddFactors.Of(a.Range, b.Range, range);
            Require(factors.First is >= 0 and < LargestAddFactor && factors.Second is >= 0 and < LargestAddFactor);
            _steps.Add(new AddStep(a.Step, a.Doubled, b.Step, second.Scale, second.Channels, factors, range.ZeroPoint));
            return _steps.Count - 1;
        }

        private Output Sliced(OnnxNode node)
        {
            var head = Tensor<Convolved>(node);
            Require(!head.Rectified && head is { Side: 1, Stride: 1, Scales: null } && Integer(node.Inputs[3]) == 1);
            return new Output(head, Integer(node.Inputs[1]), Integer(node.Inputs[2]));
        }

        private int Integer(OnnxValue? value) =>
            Constant(value) is { Type: OnnxType.Int64, Count: 1 } c ? checked((int)MemoryMarshal.Read<long>(c.Data.Span)) : throw new Unsuitable();

        private Output Clipped(OnnxNode node)
        {
            const float Most = 127f / NucleusMaps.HvScale;
            Require(Scalar(node.Inputs[1]) == -Most && Scalar(node.Inputs[2]) == Most);
            return Tensor<Output>(node) with { Clipped = true };
        }

        private Output Spread(OnnxNode node)
        {
            Require(Word(node, "mode") == "CRD");
            return Tensor<Output>(node) with { Subpixels = (int)node.Int("blocksize", 0) };
        }

        private TypeOutput Types(OnnxNode node)
        {
            var head = Tensor<Convolved>(node);
            Require(!head.Rectified && head is { Side: 1, Stride: 1, Scales: null });
            Require(node.Int("axis", 0) == 1 && node.Int("keepdims", 1) == 1 && node.Int("select_last_index", 0) == 0);
            return new TypeOutput(head);
        }

        private static TypeOutput Numbered(OnnxNode node, TypeOutput types)
        {
            Require(!types.IsBytes && node.Int("to", 0) == (long)OnnxType.UInt8);
            return types with { IsBytes = true };
        }

        private TypeStep Types(TypeOutput types, HeadStep head)
        {
            Require(types is { IsBytes: true, Head.Input: Bytes { Doubled: false } });
            var input = (Bytes)types.Head.Input;
            var outputs = types.Head.Weights.Shape[0];
            Require(outputs is > 0 and <= ConvolutionKernel.GroupChannels && types.First is >= 0 and < byte.MaxValue - ConvolutionKernel.GroupChannels);
            Require(types.Head.Weights.Shape[1] == _steps[input.Step].Channels);
            Require(_steps[input.Step].Scale * head.Subpixels == types.Enlarged * _steps[head.Source].Scale);
            return new TypeStep(input.Step, Packed(types.Head, input.Range, 1), types.First, types.Enlarged);
        }

        private HeadStep Head(Output probability, Output hv)
        {
            var each = probability.Subpixels * probability.Subpixels;
            Require(
                probability is { Sigmoid: true, Clipped: false, Signed: false, From: 0, Scale: 1f / NucleusMaps.ProbabilityScale }
                    && hv is { Sigmoid: false, Clipped: true, Signed: true, Scale: 1f / NucleusMaps.HvScale });
            Require(probability.Head == hv.Head && hv.Subpixels == probability.Subpixels && probability.To == each && hv.From == each && hv.To == 3 * each);
            Require(
                each > 0 && hv.Head.Weights.Shape[0] == 3 * each && 3 * each <= ConvolutionKernel.GroupChannels && hv.Head.Input is Bytes { Doubled: false });
            var input = (Bytes)hv.Head.Input;
            Require(hv.Head.Weights.Shape[1] == _steps[input.Step].Channels);
            return new HeadStep(input.Step, Packed(hv.Head, input.Range, 1), probability.Subpixels);
        }
    }

    private abstract record Tensor;

    /// <summary>The picture's bytes.</summary>
    private sealed record PictureBytes(bool Transposed = false) : Tensor;

    /// <summary>The picture's bytes times a factor plus an offset, or less a zero point and then times the factor.</summary>
    private sealed record Picture(float Factor, float Offset, byte? ZeroPoint = null) : Tensor;

    /// <summary>A step's result; doubled where each pixel stands for two by two.</summary>
    private sealed record Bytes(int Step, QuantizedRange Range, bool Doubled = false) : Tensor;

    /// <summary>Bytes that only moved, before they are said to be bytes again.</summary>
    private sealed record Pooled(Bytes Bytes) : Tensor;

    /// <summary>A convolution whose result's range is still to come; scales are null where weights are floats.</summary>
    private sealed record Convolved(Tensor Input, OnnxConstant Weights, OnnxConstant Bias, OnnxConstant? Scales, int Side, int Stride, bool Rectified) : Tensor;

    /// <summary>A sum whose range is still to come.</summary>
    private sealed record Sum(Bytes First, Bytes Second, bool Rectified) : Tensor;

    /// <summary>Channels of the last convolution on their way to an output.</summary>
    private sealed record Output(
        Convolved Head,
        int From,
        int To,
        bool Sigmoid = false,
        bool Clipped = false,
        float Scale = 0,
        bool Signed = false,
        int Subpixels = 1
    ) : Tensor;

    /// <summary>The most probable channel of the branch of types on its way to an output.</summary>
    private sealed record TypeOutput(Convolved Head, int First = 0, bool IsBytes = false, int Enlarged = 1) : Tensor;
}
