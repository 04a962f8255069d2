using System.Runtime.InteropServices;
using Google.Protobuf;
using HoverFast.Model.Onnx.Wire;

namespace HoverFast.Model.Onnx;

/// <summary>
/// Holds a graph against what a network for nuclei can be, before ONNX Runtime sees it: native code ends the process where a graph lacks a type, and
/// reads other files, or takes all memory, where a graph says so. What a picture runs through is allowed: layers, arithmetic and rearrangement.
/// </summary>
internal static class OnnxCheck
{
    private const int MostNodes = 20_000;
    private const int MostInputsOfNode = 64;
    private const int MostRank = 8;

    /// <summary>Elements of a constant; the largest layers of published networks have some ten million.</summary>
    private const long MostElements = 1L << 28;

    /// <summary>Steps and margins of layers, in pixels.</summary>
    private const long MostStep = 1024;
    private const float MostScale = 16;

    /// <summary>Attributes that say how far a layer goes in pixels.</summary>
    private static readonly HashSet<string> _sizes = new(StringComparer.Ordinal)
    {
        "strides",
        "pads",
        "dilations",
        "kernel_shape",
        "output_padding",
        "output_shape",
        "blocksize",
        "group",
    };

    /// <summary>Operations whose constants are weights: an infinite one makes everything NaN.</summary>
    private static readonly HashSet<string> _weighing = new(StringComparer.Ordinal)
    {
        "BatchNormalization",
        "Conv",
        "ConvTranspose",
        "FusedConv",
        "Gemm",
        "MatMul",
    };

    private static readonly HashSet<string> _domains = new(StringComparer.Ordinal) { "", "ai.onnx", "com.microsoft" };

    // Not among them: control flow, random numbers, strings, and what makes large tensors of small ones.
    private static readonly HashSet<string> _operators = new(StringComparer.Ordinal)
    {
        "Abs",
        "Add",
        "ArgMax",
        "ArgMin",
        "AveragePool",
        "BatchNormalization",
        "Cast",
        "Ceil",
        "Clip",
        "Concat",
        "Constant",
        "Conv",
        "ConvInteger",
        "ConvTranspose",
        "DepthToSpace",
        "DequantizeLinear",
        "Div",
        "DynamicQuantizeLinear",
        "Elu",
        "Equal",
        "Erf",
        "Exp",
        "Flatten",
        "Floor",
        "FusedConv",
        "Gather",
        "Gelu",
        "Gemm",
        "GlobalAveragePool",
        "GlobalMaxPool",
        "Greater",
        "GreaterOrEqual",
        "GroupNormalization",
        "HardSigmoid",
        "HardSwish",
        "Identity",
        "InstanceNormalization",
        "LayerNormalization",
        "LeakyRelu",
        "Less",
        "LessOrEqual",
        "Log",
        "LogSoftmax",
        "MatMul",
        "MatMulInteger",
        "Max",
        "MaxPool",
        "Mean",
        "Min",
        "Mish",
        "Mul",
        "Neg",
        "Not",
        "Or",
        "PRelu",
        "Pad",
        "Pow",
        "QLinearAdd",
        "QLinearConcat",
        "QLinearConv",
        "QLinearMatMul",
        "QLinearMul",
        "QuantizeLinear",
        "Reciprocal",
        "ReduceMax",
        "ReduceMean",
        "ReduceMin",
        "ReduceSum",
        "Relu",
        "Reshape",
        "Resize",
        "Round",
        "Selu",
        "Shape",
        "Sigmoid",
        "Sign",
        "Slice",
        "Softmax",
        "Softplus",
        "SpaceToDepth",
        "Split",
        "Sqrt",
        "Squeeze",
        "Sub",
        "Sum",
        "Tanh",
        "Transpose",
        "Unsqueeze",
        "Upsample",
        "Where",
    };

    /// <summary>Checks a file.</summary>
    /// <param name="model">Its bytes.</param>
    /// <param name="outputs">The outputs that are asked for.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <returns>What the file holds.</returns>
    /// <exception cref="ModelException">It is no ONNX file, or can't be a network for nuclei.</exception>
    public static ModelProto Require(ReadOnlySpan<byte> model, IReadOnlyList<string> outputs, string path)
    {
        try
        {
            var proto = ModelProto.Parser.ParseFrom(model);
            Require(proto.Graph is not null, "it holds no graph");
            Require(proto.Functions.Count == 0 && proto.TrainingInfo.Count == 0, "it brings functions or training of its own");
            RequireInputs(proto.Graph!);
            RequireNodes(proto.Graph!, Constants(proto.Graph!));
            foreach (var value in proto.Graph!.Output)
            {
                Require(IsTensor(value), $"its output '{value.Name}' has no type");
            }

            foreach (var output in outputs)
            {
                Require(proto.Graph.Output.Any(o => o.Name == output), $"the graph has no output '{output}'");
            }

            return proto;
        }
        catch (Exception e) when (e is InvalidDataException or InvalidProtocolBufferException)
        {
            throw new ModelException(
                path,
                $"can't be used as a model: {e.Message.TrimEnd('.')}. Models are made by 'hoverfast train' or 'hoverfast model import'.",
                e);
        }
    }

    private static void RequireInputs(GraphProto graph)
    {
        Require(graph.Input.All(IsTensor), "an input has no type");
        var constants = graph.Initializer.Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        Require(graph.Input.Where(i => !constants.Contains(i.Name)).ToList() is [{ Name: "image" } image]
            && (OnnxType)image.Type.TensorType.ElemType == OnnxType.UInt8
            && image.Type.TensorType.Shape is { Dim.Count: 4 },
            "its only input is not 'image', unsigned bytes of four dimensions");
    }

    /// <summary>The constants by name, each checked: those of the graph, and those that an operation gives.</summary>
    private static Dictionary<string, TensorProto> Constants(GraphProto graph)
    {
        Require(graph.SparseInitializer.Count == 0, "it holds sparse constants");
        Require(graph.Node.Count <= MostNodes, $"it has more than {MostNodes} operations");
        var constants = new Dictionary<string, TensorProto>(StringComparer.Ordinal);
        foreach (var (name, constant) in graph.Initializer.Select(c => (c.Name, c)).Concat(graph.Node.Where(n => n.OpType == "Constant").SelectMany(Given)))
        {
            RequireConstant(name, constant);
            Require(constants.TryAdd(name, constant), $"it has two constants '{name}'");
        }

        return constants;
    }

    private static IEnumerable<(string Name, TensorProto Constant)> Given(NodeProto node)
    {
        foreach (var attribute in node.Attribute)
        {
            var constant = attribute.T ?? new TensorProto { DataType = (int)(attribute.Floats.Count > 0 ? OnnxType.Float : OnnxType.Int64) };
            constant.FloatData.AddRange(attribute.Floats);
            constant.Int64Data.AddRange(attribute.Ints);
            yield return (node.Output.FirstOrDefault() ?? "", constant);
        }
    }

    private static void RequireConstant(string name, TensorProto constant)
    {
        Require(constant.ExternalData.Count == 0 && constant.DataLocation == 0, $"its constant '{name}' lies in another file");
        Require(
            name.Length > 0 && constant.Dims.Count <= MostRank && constant.Dims.All(d => d >= 0),
            $"its constant '{name}' has an impossible shape");
        var elements = 1L;
        foreach (var d in constant.Dims)
        {
            elements = Math.Min(elements * Math.Min(d, MostElements + 1), MostElements + 1);
        }

        Require(elements <= MostElements, $"its constant '{name}' is too large");

        // Halves and quarters of bytes aside, an element takes a byte; those in fields of their own are counted by the native code.
        Require(constant.RawData.Length == 0 || elements <= 2L * constant.RawData.Length, $"its constant '{name}' is cut short");
        Require(AllFloats(constant, v => !double.IsNaN(v)), $"its constant '{name}' holds NaN; the training that made it failed");
    }

    private static void RequireNodes(GraphProto graph, Dictionary<string, TensorProto> constants)
    {
        foreach (var node in graph.Node)
        {
            Require(
                _domains.Contains(node.Domain) && _operators.Contains(node.OpType),
                $"it uses the operation '{node.OpType}', which networks for nuclei don't need");
            Require(
                node.Input.Count <= MostInputsOfNode && node.Output.Count is >= 1 and <= MostInputsOfNode,
                $"its operation '{node.OpType}' has an impossible number of inputs or outputs");
            foreach (var attribute in node.Attribute)
            {
                Require(
                    attribute.G.IsEmpty && attribute.Graphs.Count == 0 && attribute.SparseTensor.IsEmpty && attribute.SparseTensors.Count == 0,
                    $"its operation '{node.OpType}' holds a graph of its own");
                Require(
                    attribute.Tensors.Count == 0 && (attribute.T is null || node.OpType == "Constant"),
                    $"its operation '{node.OpType}' holds a constant of its own");

                // Those of a ConvTranspose make its picture larger.
                var most = node.OpType == "ConvTranspose" && attribute.Name is "strides" or "output_padding" ? (long)MostScale : MostStep;
                Require(
                    !_sizes.Contains(attribute.Name) || (attribute.Ints.All(i => i >= 0 && i <= most) && attribute.I is >= 0 and <= MostStep * 64),
                    $"'{attribute.Name}' of its operation '{node.OpType}' is too large");
                Require(
                    attribute.Name != "scales" || attribute.Floats.All(s => s is >= 0 and <= MostScale),
                    $"its operation '{node.OpType}' makes pictures too large");
            }

            // Weights of half the size are widened first.
            if (node.OpType == "Cast" && node.Input.Count > 0 && constants.TryGetValue(node.Input[0], out var narrow))
            {
                constants.TryAdd(node.Output[0], narrow);
            }

            RequireModest(node, constants);
            foreach (var input in _weighing.Contains(node.OpType) ? node.Input : [])
            {
                Require(
                    !constants.TryGetValue(input, out var weights) || AllFloats(weights, double.IsFinite),
                    $"its weights '{input}' hold infinite numbers; the training that made them failed");
            }
        }
    }

    // Sizes that are constants, as they are in networks that take pictures of any size.
    private static void RequireModest(NodeProto node, Dictionary<string, TensorProto> constants)
    {
        if (node.OpType is "Resize" or "Upsample" or "Pad")
        {
            foreach (var input in node.Input.Skip(1))
            {
                if (input.Length > 0 && constants.TryGetValue(input, out var constant))
                {
                    Require(IsModest(constant, node.OpType == "Pad"), $"its operation '{node.OpType}' makes pictures too large");
                }
            }
        }
    }

    private static bool IsModest(TensorProto constant, bool wholes)
    {
        return (OnnxType)constant.DataType switch
        {
            OnnxType.Int64 => All<long>(constant.RawData.Span, n => n is >= -MostStep and <= MostStep * 64)
                && constant.Int64Data.All(n => n is >= -MostStep and <= MostStep * 64),
            OnnxType.Float when !wholes => AllFloats(constant, s => s is >= 0 and <= MostScale),
            _ => true,
        };
    }

    private static bool AllFloats(TensorProto constant, Predicate<double> holds)
    {
        var raw = constant.RawData.Span;
        return (OnnxType)constant.DataType switch
        {
            OnnxType.Float => All<float>(raw, v => holds(v)) && constant.FloatData.All(v => holds(v)),
            OnnxType.Double => All<double>(raw, v => holds(v)) && constant.DoubleData.All(v => holds(v)),

            // Numbers of two bytes lie in whole ones where they aren't raw.
            OnnxType.Float16 => All<ushort>(raw, v => holds(OfHalf(v))) && constant.Int32Data.All(v => holds(OfHalf(v))),
            OnnxType.BFloat16 => All<ushort>(raw, v => holds(OfUpperHalf(v))) && constant.Int32Data.All(v => holds(OfUpperHalf(v))),
            _ => true,
        };

        static double OfHalf(int bits) => (double)BitConverter.UInt16BitsToHalf((ushort)bits);

        static double OfUpperHalf(int bits) => BitConverter.Int32BitsToSingle(bits << 16);
    }

    private static bool All<T>(ReadOnlySpan<byte> values, Predicate<T> holds)
        where T : struct
    {
        foreach (var value in MemoryMarshal.Cast<byte, T>(values))
        {
            if (!holds(value))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsTensor(ValueInfoProto value) =>
        value.Name.Length > 0 && value.Type?.TensorType is { ElemType: > 0 } tensor && (tensor.Shape is null || tensor.Shape.Dim.Count <= MostRank);

    private static void Require(bool holds, string problem)
    {
        if (!holds)
        {
            throw new InvalidDataException(problem);
        }
    }
}
