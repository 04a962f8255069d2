using System.Runtime.InteropServices;
using HoverFast.Model;
using HoverFast.Model.Onnx;
using HoverFast.Slides;
using HoverFast.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace HoverFast.Training.Networks;

/// <summary>
/// Runs a float network's graph in libtorch, bfloat16 and channels-last: the fastest that an imported network gets on a processor with bfloat16 arithmetic. For
/// measuring; segmenting does without libtorch.
/// </summary>
internal sealed class TorchRunner : INetworkRunner
{
    /// <summary>Channels of any convolution; others give wrong numbers in this libtorch.</summary>
    private const int Multiple = 16;

    [ThreadStatic]
    private static bool _single;

    private readonly OnnxGraph _graph;
    private readonly Dictionary<string, OnnxConstant> _constants;
    private readonly Dictionary<string, Tensor> _weights = [];
    private readonly Dictionary<string, int> _lastUse = [];

    /// <param name="graph">The network: image, uint8 (1, H, W, 3), to probability and hv, as <see cref="NucleusModel"/> has them.</param>
    /// <param name="name">The network's file, for messages.</param>
    /// <param name="knowsCaches">Whether libtorch can ask for the sizes of the processor's caches: <see cref="LibTorch.KnowsCaches"/>.</param>
    /// <exception cref="ModelException">The graph holds an operation that this can't do, or not on this machine.</exception>
    public TorchRunner(OnnxGraph graph, string name, bool knowsCaches)
    {
        if (!knowsCaches && graph.Nodes.Any(n => n.Int("group", 1) > 1))
        {
            throw new ModelException(
                name,
                "has grouped convolutions, as HoVer-Net has, which end libtorch on this machine: it doesn't tell the sizes of its processor's caches. Measure it on another.");
        }

        _graph = graph;
        _constants = graph.Constants.ToDictionary(c => c.Value.Name);

        // What weights are made of is held until they are.
        using var scope = NewDisposeScope();
        foreach (var (node, i) in graph.Nodes.Select((n, i) => (n, i)))
        {
            if (!_operators.ContainsKey(node.Operator))
            {
                throw new ModelException(
                    name,
                    $"holds the operation {node.Operator}, which isn't measured in libtorch; float networks of HoverFast and HoVer-Net are.");
            }

            foreach (var input in node.Inputs.OfType<OnnxValue>())
            {
                _lastUse[input.Name] = i;
            }

            if (node.Operator is "Conv" or "ConvTranspose")
            {
                Prepare(node);
            }
            else if (node.Operator is "Mul" or "Add")
            {
                foreach (var constant in node.Inputs.Where(v => _constants.ContainsKey(v!.Name)).Select(v => _constants[v!.Name]))
                {
                    var shape = constant.Shape.Length == 0 ? [1L] : constant.Shape;
                    Keep(constant.Value.Name, constant.Type == OnnxType.Int64
                        ? tensor(Whole(constant), shape)
                        : tensor(constant.Floats.ToArray(), shape).to(ScalarType.BFloat16));
                }
            }
        }
    }

    private delegate Tensor Operator(TorchRunner runner, OnnxNode node, Func<int, Tensor> input);

    private static readonly Dictionary<string, Operator> _operators = new(StringComparer.Ordinal)
    {
        ["Identity"] = (_, _, x) => x(0).alias(),
        ["Transpose"] = (_, n, x) => x(0).permute(n.Ints("perm")!),
        ["Cast"] = (_, _, x) => x(0).to(ScalarType.BFloat16),
        ["Mul"] = (_, _, x) => x(0) * x(1),
        ["Add"] = (_, _, x) => x(0).Plus(x(1)),
        ["Relu"] = (_, _, x) => F.relu(x(0)),
        ["Sigmoid"] = (_, _, x) => x(0).to(ScalarType.Float32).sigmoid(),
        ["Softmax"] = (_, n, x) => F.softmax(x(0).to(ScalarType.Float32), n.Int("axis", -1)),
        ["Clip"] = (r, n, x) => Clamp(x(0).to(ScalarType.Float32), r.Floats(n, 1)[0], r.Floats(n, 2)[0]),
        ["Concat"] = (_, n, x) => cat([.. Enumerable.Range(0, n.Inputs.Count).Select(x)], n.Int("axis", 0)),
        ["MaxPool"] = (_, n, x) => F.max_pool2d(x(0), n.Ints("kernel_shape")!, n.Ints("strides")),
        ["Resize"] = (r, n, x) => F.interpolate(x(0), scale_factor: [r.Floats(n, 2)[2], r.Floats(n, 2)[3]], mode: InterpolationMode.Nearest),
        ["Slice"] = (r, n, x) => r.Slice(n, x(0)),
        ["Pad"] = (r, n, x) => r.Pad(n, x(0)),
        // Channels become pixels in the order that our graphs have ("CRD").
        ["DepthToSpace"] = (_, n, x) => F.pixel_shuffle(x(0), n.Int("blocksize", 1)),
        ["Conv"] = (r, n, x) => r.Convolve(n, x(0)),
        ["ConvTranspose"] = (r, n, x) => r.Enlarge(n, x(0)),
        ["ArgMax"] = (_, n, x) => x(0).argmax(n.Int("axis", 0), keepdim: true),
        ["QuantizeLinear"] = (r, n, x) => Quantised(x(0), r.Floats(n, 1)[0], r._constants[n.Inputs[2]!.Name].Type),
    };

    /// <inheritdoc/>
    public string Name => $"libtorch {__version__}, bfloat16";

    /// <inheritdoc/>
    public void Run(RgbImage image, NucleusMaps maps)
    {
        if (!_single)
        {
            // Tiles run side by side, each on one thread. OpenMP counts threads for each caller.
            set_num_threads(1);
            _single = true;
        }

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var values = new Dictionary<string, Tensor>
        {
            [_graph.Inputs[0].Value.Name] = tensor(
                image.Pixels.AsMemory(0, image.Width * image.Height * 3).ToArray(),
                [1, image.Height, image.Width, 3],
                ScalarType.Byte),
        };
        foreach (var (node, i) in _graph.Nodes.Select((n, i) => (n, i)))
        {
            var result = _operators[node.Operator](this, node, k => Value(node.Inputs[k]!.Name));
            foreach (var input in node.Inputs.OfType<OnnxValue>().Where(v => _lastUse[v.Name] == i && values.ContainsKey(v.Name)).Distinct())
            {
                values[input.Name].Dispose();
                values.Remove(input.Name);
            }

            values[node.Outputs[0].Name] = result;
        }

        Copy(values["probability"].contiguous(), maps.Probability);
        var hv = values["hv"].contiguous();
        Copy(hv.select(1, 0).contiguous(), MemoryMarshal.AsBytes(maps.Horizontal.AsSpan()));
        Copy(hv.select(1, 1).contiguous(), MemoryMarshal.AsBytes(maps.Vertical.AsSpan()));
        if (maps.Types is not null)
        {
            Copy(values["types"].to(ScalarType.Byte).contiguous(), maps.Types);
        }

        Tensor Value(string name) => values.TryGetValue(name, out var value) ? value : _weights[name];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var weight in _weights.Values)
        {
            weight.Dispose();
        }
    }

    private static void Copy(Tensor from, Span<byte> to) => from.bytes[..checked((int)from.numel())].CopyTo(to);

    private static Tensor Clamp(Tensor x, double low, double high)
    {
        using Scalar least = low, most = high;
        return x.clamp(least, most);
    }

    private static Tensor Quantised(Tensor x, float scale, OnnxType type)
    {
        using Scalar factor = 1.0 / scale;
        var rounded = x.to(ScalarType.Float32).mul(factor).round();
        return type == OnnxType.UInt8 ? Clamp(rounded, 0, 255).to(ScalarType.Byte) : Clamp(rounded, -128, 127).to(ScalarType.Int8);
    }

    private static long Up(long channels) => (channels + Multiple - 1) / Multiple * Multiple;

    private static Tensor Widened(Tensor x, long channels) =>
        x.shape[1] == channels ? x : cat([x, zeros([x.shape[0], channels - x.shape[1], x.shape[2], x.shape[3]], x.dtype)], 1);

    private float[] Floats(OnnxNode node, int input) => _constants[node.Inputs[input]!.Name].Floats.ToArray();

    private long[] Whole(OnnxNode node, int input) => Whole(_constants[node.Inputs[input]!.Name]);

    private static long[] Whole(OnnxConstant constant) => MemoryMarshal.Cast<byte, long>(constant.Data.Span).ToArray();

    private Tensor Slice(OnnxNode node, Tensor x)
    {
        var (starts, ends, axes) = (Whole(node, 1), Whole(node, 2), Whole(node, 3));
        for (var i = 0; i < axes.Length; i++)
        {
            var length = x.shape[axes[i]];
            x = x.slice(axes[i], starts[i], Math.Min(length, ends[i] < 0 ? length + ends[i] : ends[i]), 1);
        }

        return x;
    }

    private Tensor Pad(OnnxNode node, Tensor x)
    {
        var p = Whole(node, 1);
        return F.pad(x, [p[3], p[7], p[2], p[6]]);
    }

    // Weights and bias in the memory in which a convolution wants them, with channels filled up by zeros.
    private void Prepare(OnnxNode node)
    {
        var shape = _constants[node.Inputs[1]!.Name].Shape;
        var groups = node.Int("group", 1);
        var (rows, columns) = groups == 1 ? (Up(shape[0]), Up(shape[1])) : (shape[0], shape[1]);
        var weight = zeros([rows, columns, shape[2], shape[3]]);
        weight.slice(0, 0, shape[0], 1).slice(1, 0, shape[1], 1).copy_(tensor(Floats(node, 1), shape));
        Keep(node.Inputs[1]!.Name, UNet.ChannelsLast(weight.to(ScalarType.BFloat16)));
        if (node.Inputs.Count > 2 && node.Inputs[2] is { } bias)
        {
            var given = Floats(node, 2);
            var filled = new float[node.Operator == "Conv" ? rows : columns];
            given.CopyTo(filled, 0);
            Keep(bias.Name, tensor(filled).to(ScalarType.BFloat16));
        }
    }

    private void Keep(string name, Tensor weight) => _weights[name] = weight.DetachFromDisposeScope();

    private Tensor Convolve(OnnxNode node, Tensor x)
    {
        var (weight, bias) = (_weights[node.Inputs[1]!.Name], node.Inputs.Count > 2 ? _weights[node.Inputs[2]!.Name] : null);
        var groups = node.Int("group", 1);
        var stride = node.Ints("strides") ?? [1, 1];
        var pads = node.Ints("pads") ?? [0, 0, 0, 0];
        var even = pads[0] == pads[2] && pads[1] == pads[3];
        x = UNet.ChannelsLast(Widened(even ? x : F.pad(x, [pads[1], pads[3], pads[0], pads[2]]), weight.shape[1] * groups));
        var y = F.conv2d(x, weight, bias, strides: stride, padding: even ? [pads[0], pads[1]] : [0, 0], groups: groups);
        return y.slice(1, 0, _constants[node.Inputs[1]!.Name].Shape[0], 1);
    }

    private Tensor Enlarge(OnnxNode node, Tensor x)
    {
        var (weight, bias) = (_weights[node.Inputs[1]!.Name], _weights[node.Inputs[2]!.Name]);
        var y = F.conv_transpose2d(UNet.ChannelsLast(Widened(x, weight.shape[0])), weight, bias, strides: node.Ints("strides")!);
        return y.slice(1, 0, _constants[node.Inputs[1]!.Name].Shape[1], 1);
    }
}
