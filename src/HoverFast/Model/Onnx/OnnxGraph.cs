using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using HoverFast.Files;
using HoverFast.Model.Onnx.Wire;

namespace HoverFast.Model.Onnx;

/// <summary>
/// Builds a network and writes it as an ONNX file. Values are added in the order of evaluation; every method that adds an
/// operation returns the tensor that it puts out. Tensors are NCHW unless a comment says otherwise. The same calls give the same bytes.
/// </summary>
/// <remarks>Operators are those of the ONNX operator specification, set 19 to 21; the names of methods are the operators' names.</remarks>
internal sealed class OnnxGraph
{
    /// <summary>The operator set that is used when none is asked for.</summary>
    public const int DefaultOpset = 19;

    private readonly List<(OnnxValue Value, OnnxType Type, OnnxDimension[] Shape)> _inputs = [];
    private readonly List<(OnnxValue Value, OnnxType Type, OnnxDimension[] Shape)> _outputs = [];
    private readonly List<OnnxConstant> _constants = [];
    private readonly List<OnnxNode> _nodes = [];
    private readonly SortedDictionary<string, string> _metadata = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    /// <summary>Starts an empty graph.</summary>
    /// <param name="name">The graph's name in the file.</param>
    /// <param name="opset">Version of the ONNX operator set, 19 to 21.</param>
    public OnnxGraph(string name, int opset = DefaultOpset)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentOutOfRangeException.ThrowIfLessThan(opset, 19);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(opset, 21);
        Name = name;
        Opset = opset;
    }

    /// <summary>The graph's name in the file.</summary>
    public string Name { get; }

    /// <summary>Version of the ONNX operator set.</summary>
    public int Opset { get; }

    /// <summary>Free words that travel in the file (<c>metadata_props</c>), written in the order of their keys.</summary>
    public IDictionary<string, string> Metadata => _metadata;

    internal IReadOnlyList<(OnnxValue Value, OnnxType Type, OnnxDimension[] Shape)> Inputs => _inputs;

    internal IReadOnlyList<(OnnxValue Value, OnnxType Type, OnnxDimension[] Shape)> Outputs => _outputs;

    internal IReadOnlyList<OnnxConstant> Constants => _constants;

    internal IReadOnlyList<OnnxNode> Nodes => _nodes;

    /// <summary>Adds an input of the whole network.</summary>
    public OnnxValue Input(string name, OnnxType type, params OnnxDimension[] shape)
    {
        var value = NewValue(name, exact: true);
        _inputs.Add((value, type, shape));
        return value;
    }

    /// <summary>Declares a tensor as an output of the whole network and gives it the name by which callers ask for it; no shape leaves it open.</summary>
    public void Output(string name, OnnxValue value, OnnxType type, params OnnxDimension[] shape)
    {
        if (!_nodes.Exists(n => n.Outputs.Contains(value)) || _outputs.Exists(o => o.Value == value))
        {
            // Inputs, constants and values that are outputs already keep their names.
            value = Node("Identity", [value]);
        }

        Rename(value, name);
        _outputs.Add((value, type, shape));
    }

    /// <summary>Adds a constant of floats, row-major. No shape makes a scalar.</summary>
    public OnnxValue Constant(string name, ReadOnlySpan<float> elements, params long[] shape) =>
        Constant(name, OnnxType.Float, MemoryMarshal.AsBytes(elements), elements.Length, shape);

    /// <summary>Adds a constant of 64-bit integers, row-major. No shape makes a scalar.</summary>
    public OnnxValue Constant(string name, ReadOnlySpan<long> elements, params long[] shape) =>
        Constant(name, OnnxType.Int64, MemoryMarshal.AsBytes(elements), elements.Length, shape);

    /// <summary>Adds a constant of 32-bit integers, row-major. No shape makes a scalar.</summary>
    public OnnxValue Constant(string name, ReadOnlySpan<int> elements, params long[] shape) =>
        Constant(name, OnnxType.Int32, MemoryMarshal.AsBytes(elements), elements.Length, shape);

    /// <summary>Adds a constant of unsigned bytes, row-major. No shape makes a scalar.</summary>
    public OnnxValue Constant(string name, ReadOnlySpan<byte> elements, params long[] shape) =>
        Constant(name, OnnxType.UInt8, elements, elements.Length, shape);

    /// <summary>Adds a constant of signed bytes, row-major. No shape makes a scalar.</summary>
    public OnnxValue Constant(string name, ReadOnlySpan<sbyte> elements, params long[] shape) =>
        Constant(name, OnnxType.Int8, MemoryMarshal.AsBytes(elements), elements.Length, shape);

    /// <summary>Adds an operation with one output. A null input stands for an optional one that is left out.</summary>
    public OnnxValue Node(string operatorName, IReadOnlyList<OnnxValue?> inputs, params OnnxAttribute[] attributes) =>
        AddNode(operatorName, inputs, 1, attributes)[0];

    /// <summary>Transposed convolution whose stride is its kernel's side: every pixel becomes a block; weights are (in, out, side, side).</summary>
    public OnnxValue ConvTranspose(OnnxValue x, ReadOnlySpan<float> weights, long[] shape, ReadOnlySpan<float> bias, string name = "up")
    {
        ArgumentNullException.ThrowIfNull(shape);
        return Node(
            "ConvTranspose",
            [x, Constant(name + ".weight", weights, shape), Constant(name + ".bias", bias, bias.Length)],
            new OnnxAttribute("kernel_shape", [shape[2], shape[3]]),
            new OnnxAttribute("strides", [shape[2], shape[3]]));
    }

    /// <summary>Convolution; weights are (out, in / groups, height, width).</summary>
    /// <param name="x">The tensor to convolve.</param>
    /// <param name="weights">Row-major weights.</param>
    /// <param name="shape">The weights' four dimensions.</param>
    /// <param name="bias">One number per output channel, or empty.</param>
    /// <param name="padding">Zeros added at each side; one number for all sides, or top, left, bottom, right.</param>
    /// <param name="stride">Step in both directions.</param>
    /// <param name="groups">Groups of channels that are convolved apart.</param>
    /// <param name="name">Stem of the names of weights and bias.</param>
    public OnnxValue Conv(
        OnnxValue x,
        ReadOnlySpan<float> weights,
        long[] shape,
        ReadOnlySpan<float> bias = default,
        int[]? padding = null,
        int stride = 1,
        int groups = 1,
        string? name = null)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Length != 4)
        {
            throw new ArgumentException($"Convolution weights have 4 dimensions, not {shape.Length}.", nameof(shape));
        }

        name ??= "conv";
        var w = Constant(name + ".weight", weights, shape);
        var b = bias.IsEmpty ? null : Constant(name + ".bias", bias, shape[0]);
        var attributes = new List<OnnxAttribute> { new("kernel_shape", [shape[2], shape[3]]) };
        if (padding is not null && Array.Exists(padding, p => p != 0))
        {
            attributes.Add(new("pads", Sides(padding)));
        }

        if (stride != 1)
        {
            attributes.Add(new("strides", [stride, stride]));
        }

        if (groups != 1)
        {
            attributes.Add(new("group", groups));
        }

        return Node("Conv", b is null ? [x, w] : [x, w, b], [.. attributes]);
    }

    /// <summary>max(x, 0).</summary>
    public OnnxValue Relu(OnnxValue x) => Node("Relu", [x]);

    /// <summary>1 / (1 + exp(-x)).</summary>
    public OnnxValue Sigmoid(OnnxValue x) => Node("Sigmoid", [x]);

    /// <summary>Softmax over an axis.</summary>
    public OnnxValue Softmax(OnnxValue x, int axis) => Node("Softmax", [x], new OnnxAttribute("axis", axis));

    /// <summary>Batch normalisation with fixed statistics, one number per channel each.</summary>
    public OnnxValue BatchNorm(
        OnnxValue x,
        ReadOnlySpan<float> weight,
        ReadOnlySpan<float> bias,
        ReadOnlySpan<float> mean,
        ReadOnlySpan<float> variance,
        float epsilon = 1e-5f,
        string name = "bn") =>
        Node(
            "BatchNormalization",
            [
                x,
                Constant(name + ".weight", weight, weight.Length),
                Constant(name + ".bias", bias, bias.Length),
                Constant(name + ".running_mean", mean, mean.Length),
                Constant(name + ".running_var", variance, variance.Length),
            ],
            new OnnxAttribute("epsilon", epsilon));

    /// <summary>Largest value of each kernel x kernel window.</summary>
    public OnnxValue MaxPool(OnnxValue x, int kernel = 2, int stride = 2) =>
        Node("MaxPool", [x], new OnnxAttribute("kernel_shape", [kernel, kernel]), new OnnxAttribute("strides", [stride, stride]));

    /// <summary>Mean of each kernel x kernel window.</summary>
    public OnnxValue AveragePool(OnnxValue x, int kernel = 2, int stride = 2) =>
        Node("AveragePool", [x], new OnnxAttribute("kernel_shape", [kernel, kernel]), new OnnxAttribute("strides", [stride, stride]));

    /// <summary>Every pixel becomes 2 x 2 equal ones.</summary>
    public OnnxValue ResizeNearest2x(OnnxValue x) =>
        Node(
            "Resize",
            [x, null, Constant("scales", [1f, 1f, 2f, 2f], 4)],
            new OnnxAttribute("coordinate_transformation_mode", "asymmetric"),
            new OnnxAttribute("mode", "nearest"),
            new OnnxAttribute("nearest_mode", "floor"));

    /// <summary>Joins tensors along an axis.</summary>
    public OnnxValue Concat(int axis, params OnnxValue[] values) => Node("Concat", values, new OnnxAttribute("axis", axis));

    /// <summary>a + b, broadcast.</summary>
    public OnnxValue Add(OnnxValue a, OnnxValue b) => Node("Add", [a, b]);

    /// <summary>a * b, broadcast.</summary>
    public OnnxValue Mul(OnnxValue a, OnnxValue b) => Node("Mul", [a, b]);

    /// <summary>x times a number.</summary>
    public OnnxValue Scale(OnnxValue x, float factor) => Mul(x, Constant("factor", [factor]));

    /// <summary>Values below <paramref name="low"/> become it, values above <paramref name="high"/> likewise.</summary>
    public OnnxValue Clip(OnnxValue x, float low, float high) => Node("Clip", [x, Constant("low", [low]), Constant("high", [high])]);

    /// <summary>Dimension i of the result is dimension <paramref name="order"/>[i] of x.</summary>
    public OnnxValue Transpose(OnnxValue x, params long[] order) => Node("Transpose", [x], new OnnxAttribute("perm", order));

    /// <summary>Changes the element type.</summary>
    public OnnxValue Cast(OnnxValue x, OnnxType type) => Node("Cast", [x], new OnnxAttribute("to", (long)type));

    /// <summary>Index of the largest value along an axis, 64-bit; the axis stays with length 1.</summary>
    public OnnxValue ArgMax(OnnxValue x, int axis) => Node("ArgMax", [x], new OnnxAttribute("axis", axis), new OnnxAttribute("keepdims", 1));

    /// <summary>Blocks of pixels move into channels: (N, C, H, W) to (N, C b b, H / b, W / b).</summary>
    public OnnxValue SpaceToDepth(OnnxValue x, int block) => Node("SpaceToDepth", [x], new OnnxAttribute("blocksize", block));

    /// <summary>
    /// Channels move into blocks of pixels: (N, C b b, H, W) to (N, C, H b, W b). Channel order "CRD" is PyTorch's pixel shuffle,
    /// "DCR" undoes <see cref="SpaceToDepth"/>.
    /// </summary>
    public OnnxValue DepthToSpace(OnnxValue x, int block, string order = "CRD") =>
        Node("DepthToSpace", [x], new OnnxAttribute("blocksize", block), new OnnxAttribute("mode", order));

    /// <summary>Elements from <paramref name="start"/> up to before <paramref name="end"/> along an axis; negative numbers count from the end.</summary>
    public OnnxValue Slice(OnnxValue x, int axis, long start, long end) =>
        Node("Slice", [x, Constant("starts", [start], 1), Constant("ends", [end], 1), Constant("axes", [(long)axis], 1)]);

    /// <summary>Takes pixels off the sides of the last two dimensions.</summary>
    public OnnxValue Crop(OnnxValue x, int top, int left, int bottom, int right) =>
        Node(
            "Slice",
            [
                x,
                Constant("starts", [(long)top, left], 2),
                Constant("ends", [bottom == 0 ? long.MaxValue : -bottom, right == 0 ? long.MaxValue : -right], 2),
                Constant("axes", [2L, 3L], 2),
            ]);

    /// <summary>Adds a border around the last two dimensions; mode is "constant" (zeros), "reflect" or "edge".</summary>
    public OnnxValue Pad(OnnxValue x, int top, int left, int bottom, int right, string mode = "constant") =>
        Node("Pad", [x, Constant("pads", [0L, 0, top, left, 0, 0, bottom, right], 8)], new OnnxAttribute("mode", mode));

    /// <summary>saturate(round(x / scale) + zero point), one scale for the whole tensor.</summary>
    public OnnxValue QuantizeLinear(OnnxValue x, float scale, byte zeroPoint) =>
        Node("QuantizeLinear", [x, Constant("scale", [scale]), Constant("zero_point", [zeroPoint])]);

    /// <summary>saturate(round(x / scale) + zero point) to signed bytes, one scale for the whole tensor.</summary>
    public OnnxValue QuantizeLinear(OnnxValue x, float scale, sbyte zeroPoint) =>
        Node("QuantizeLinear", [x, Constant("scale", [scale]), Constant("zero_point", [zeroPoint])]);

    /// <summary>(x - zero point) * scale for unsigned bytes, one scale for the whole tensor.</summary>
    public OnnxValue DequantizeLinear(OnnxValue x, float scale, byte zeroPoint) =>
        Node("DequantizeLinear", [x, Constant("scale", [scale]), Constant("zero_point", [zeroPoint])]);

    /// <summary>
    /// An RGB tile as slides give it, unsigned bytes (N, H, W, 3), to floats (N, 3, H, W), each channel multiplied by a factor
    /// (1/255 for 0..1) and shifted by an offset.
    /// </summary>
    public OnnxValue RgbToPlanes(OnnxValue image, float factor, float offset = 0f)
    {
        var planes = Scale(Cast(Transpose(image, 0, 3, 1, 2), OnnxType.Float), factor);
        return offset == 0f ? planes : Add(planes, Constant("offset", [offset]));
    }

    /// <summary>Probabilities 0..1 to bytes, 255 for 1; round half to even.</summary>
    public OnnxValue ProbabilityToBytes(OnnxValue probability) => QuantizeLinear(probability, 1f / NucleusMaps.ProbabilityScale, (byte)0);

    /// <summary>Horizontal and vertical maps -1.27..1.27 to signed bytes, 100 for 1; never -128.</summary>
    public OnnxValue HvToBytes(OnnxValue hv) =>
        QuantizeLinear(Clip(hv, -127f / NucleusMaps.HvScale, 127f / NucleusMaps.HvScale), 1f / NucleusMaps.HvScale, (sbyte)0);

    /// <summary>Reads a graph back from a file of ours, to change it.</summary>
    /// <param name="model">The file's bytes.</param>
    /// <param name="path">Its name, for messages.</param>
    /// <exception cref="ModelException">It is no ONNX file, or holds what this builder doesn't write.</exception>
    public static OnnxGraph Parse(ReadOnlySpan<byte> model, string path)
    {
        ModelProto proto;
        try
        {
            proto = ModelProto.Parser.ParseFrom(model);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ModelException(path, $"is no ONNX file ({e.Message}).", e);
        }

        try
        {
            return FromProto(proto);
        }
        catch (Exception e) when (e is ArgumentException or KeyNotFoundException or OverflowException)
        {
            throw new ModelException(path, $"isn't a graph that this program wrote ({e.Message}).", e);
        }
    }

    /// <summary>The nodes that some outputs need.</summary>
    /// <param name="isAsked">Which outputs, by their names.</param>
    internal HashSet<OnnxNode> NodesOf(Func<string, bool> isAsked)
    {
        var producers = _nodes.SelectMany(n => n.Outputs.Select(o => (o, n))).ToDictionary(p => p.o, p => p.n);
        var needed = new HashSet<OnnxNode>();
        var open = new Stack<OnnxValue>(_outputs.Select(o => o.Value).Where(v => isAsked(v.Name)));
        while (open.TryPop(out var value))
        {
            if (producers.TryGetValue(value, out var node) && needed.Add(node))
            {
                foreach (var input in node.Inputs.OfType<OnnxValue>())
                {
                    open.Push(input);
                }
            }
        }

        return needed;
    }

    /// <summary>Takes an output away, with all that no other output needs. Nothing happens where there is none of that name.</summary>
    /// <param name="name">Its name.</param>
    internal void RemoveOutput(string name)
    {
        var needed = NodesOf(o => o != name);
        _outputs.RemoveAll(o => o.Value.Name == name);
        _names.ExceptWith(_nodes.Where(n => !needed.Contains(n)).SelectMany(n => n.Outputs).Select(o => o.Name));
        _nodes.RemoveAll(n => !needed.Contains(n));
        var used = _nodes.SelectMany(n => n.Inputs).ToHashSet();
        _names.ExceptWith(_constants.Where(c => !used.Contains(c.Value)).Select(c => c.Value.Name));
        _constants.RemoveAll(c => !used.Contains(c.Value));
    }

    /// <summary>The file's bytes.</summary>
    public byte[] ToBytes() => ToProto().ToByteArray();

    /// <summary>Writes the file, first under the name <c>PATH.partial</c>, and renames it when it is whole.</summary>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        PartialFile.Write(path, ToProto().WriteTo);
    }

    internal IReadOnlyList<OnnxValue> AddNode(string operatorName, IReadOnlyList<OnnxValue?> inputs, int outputs, params OnnxAttribute[] attributes)
    {
        foreach (var input in inputs)
        {
            if (input is not null && !_names.Contains(input.Name))
            {
                throw new ArgumentException($"{operatorName} takes a tensor {input.Name} that this graph doesn't hold.", nameof(inputs));
            }
        }

        var values = new OnnxValue[outputs];
        for (var i = 0; i < outputs; i++)
        {
            values[i] = NewValue(operatorName);
        }

        _nodes.Add(new OnnxNode(operatorName, inputs, values, attributes));
        return values;
    }

    private static long[] Sides(int[] padding) => padding.Length switch
    {
        1 => [padding[0], padding[0], padding[0], padding[0]],
        4 => [padding[0], padding[1], padding[2], padding[3]],
        _ => throw new ArgumentException("Padding is one number, or top, left, bottom, right.", nameof(padding)),
    };

    private static ValueInfoProto Describe((OnnxValue Value, OnnxType Type, OnnxDimension[] Shape) value)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)value.Type };
        if (value.Shape.Length == 0)
        {
            return new ValueInfoProto { Name = value.Value.Name, Type = new TypeProto { TensorType = tensor } };
        }

        var shape = new TensorShapeProto();
        foreach (var d in value.Shape)
        {
            shape.Dim.Add(
                d.Size is { } size ? new TensorShapeProto.Types.Dimension { DimValue = size } : new TensorShapeProto.Types.Dimension { DimParam = d.Symbol });
        }

        tensor.Shape = shape;
        return new ValueInfoProto { Name = value.Value.Name, Type = new TypeProto { TensorType = tensor } };
    }

    /// <summary>Adds another graph's constant.</summary>
    internal OnnxValue Constant(OnnxConstant other) => Constant(other.Value.Name, other.Type, other.Data.Span, other.Count, other.Shape);

    private OnnxValue Constant(string name, OnnxType type, ReadOnlySpan<byte> bytes, int count, long[] shape)
    {
        var expected = 1L;
        foreach (var d in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(d);
            expected = checked(expected * d);
        }

        if (expected != count)
        {
            throw new ArgumentException(
                $"Constant {name} of shape ({string.Join(", ", shape)}) needs {expected.ToString(CultureInfo.InvariantCulture)} elements, not {count.ToString(CultureInfo.InvariantCulture)}.",
                nameof(shape));
        }

        var value = NewValue(name);
        _constants.Add(new OnnxConstant(value, type, shape, bytes.ToArray()));
        return value;
    }

    private OnnxValue NewValue(string stem, bool exact = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(stem);
        var name = stem;
        if (exact && _names.Contains(name))
        {
            throw new ArgumentException($"The graph has a tensor {name} already.", nameof(stem));
        }

        while (!_names.Add(name))
        {
            var n = _counts.GetValueOrDefault(stem) + 1;
            _counts[stem] = n;
            name = $"{stem}_{n.ToString(CultureInfo.InvariantCulture)}";
        }

        return new OnnxValue(name);
    }

    private static OnnxGraph FromProto(ModelProto proto)
    {
        var opset = proto.OpsetImport.FirstOrDefault(o => o.Domain.Length == 0)?.Version ?? 0;
        var graph = new OnnxGraph(proto.Graph?.Name ?? "", checked((int)opset));
        var values = new Dictionary<string, OnnxValue>(StringComparer.Ordinal);
        foreach (var entry in proto.MetadataProps)
        {
            graph.Metadata[entry.Key] = entry.Value;
        }

        foreach (var value in proto.Graph?.Input.Concat(proto.Graph.Output) ?? [])
        {
            if (value.Type?.TensorType is null)
            {
                throw new ArgumentException($"'{value.Name}' has no type");
            }
        }

        foreach (var input in proto.Graph!.Input)
        {
            values[input.Name] = graph.Input(input.Name, (OnnxType)input.Type.TensorType.ElemType, Shape(input));
        }

        foreach (var c in proto.Graph.Initializer)
        {
            var size = (OnnxType)c.DataType switch
            {
                OnnxType.UInt8 or OnnxType.Int8 => 1,
                OnnxType.Float or OnnxType.Int32 => 4,
                OnnxType.Int64 => 8,
                var other => throw new ArgumentException($"constant {c.Name} has the type {other}"),
            };
            values[c.Name] = graph.Constant(c.Name, (OnnxType)c.DataType, c.RawData.Span, c.RawData.Length / size, [.. c.Dims]);
        }

        foreach (var node in proto.Graph.Node)
        {
            var outputs = graph.AddNode(
                node.OpType,
                [.. node.Input.Select(i => i.Length == 0 ? null : values[i])],
                node.Output.Count,
                [.. node.Attribute.Select(a => new OnnxAttribute(a.Clone()))]);
            for (var i = 0; i < outputs.Count; i++)
            {
                graph.Rename(outputs[i], node.Output[i]);
                values[node.Output[i]] = outputs[i];
            }
        }

        foreach (var output in proto.Graph.Output)
        {
            graph.Output(output.Name, values[output.Name], (OnnxType)output.Type.TensorType.ElemType, Shape(output));
        }

        return graph;

        static OnnxDimension[] Shape(ValueInfoProto value) =>
            [
                .. (value.Type.TensorType.Shape ?? new TensorShapeProto()).Dim.Select(d =>
                    d.ValueCase == TensorShapeProto.Types.Dimension.ValueOneofCase.DimValue
                        ? OnnxDimension.FromInt64(d.DimValue)
                        : OnnxDimension.FromString(d.DimParam)),
            ];
    }

    private void Rename(OnnxValue value, string name)
    {
        if (value.Name != name)
        {
            if (!_names.Add(name))
            {
                throw new ArgumentException($"The graph has a tensor {name} already.", nameof(name));
            }

            _names.Remove(value.Name);
            value.Name = name;
        }
    }

    private ModelProto ToProto()
    {
        if (_outputs.Count == 0)
        {
            throw new InvalidOperationException($"The graph {Name} has no output; declare one before writing it.");
        }

        var graph = new GraphProto { Name = Name };
        foreach (var node in _nodes)
        {
            var proto = new NodeProto { OpType = node.Operator, Name = node.Outputs[0].Name };
            proto.Input.AddRange(node.Inputs.Select(i => i?.Name ?? string.Empty));
            proto.Output.AddRange(node.Outputs.Select(o => o.Name));
            proto.Attribute.AddRange(node.Attributes.Select(a => a.Proto));
            graph.Node.Add(proto);
        }

        foreach (var c in _constants)
        {
            graph.Initializer.Add(
                new TensorProto
                {
                    Name = c.Value.Name,
                    DataType = (int)c.Type,
                    Dims = { c.Shape },
                    RawData = UnsafeByteOperations.UnsafeWrap(c.Data),
                });
        }

        graph.Input.AddRange(_inputs.Select(Describe));
        graph.Output.AddRange(_outputs.Select(Describe));
        return new ModelProto
        {
            // Operator sets 19, 20 and 21 came with these versions of the format.
            IrVersion = Opset == 21 ? 10 : 9,
            ProducerName = "hoverfast",
            Graph = graph,
            OpsetImport = { new OperatorSetIdProto { Domain = string.Empty, Version = Opset } },
            MetadataProps = { _metadata.Select(m => new StringStringEntryProto { Key = m.Key, Value = m.Value }) },
        };
    }
}
