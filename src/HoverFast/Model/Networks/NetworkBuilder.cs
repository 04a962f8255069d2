using HoverFast.Model.Onnx;

namespace HoverFast.Model.Networks;

/// <summary>
/// Puts PyTorch layers, taken by name from a checkpoint, into an ONNX graph. Shapes are checked against what the layer before gives;
/// batch norm that follows a convolution is folded into it. Counts trained numbers and multiply-adds on the way.
/// </summary>
internal sealed class NetworkBuilder(INetworkWeights checkpoint, OnnxGraph graph)
{
    // PyTorch's default, which both published networks use.
    private const double BatchNormEpsilon = 1e-5;

    private readonly HashSet<string> _used = new(StringComparer.Ordinal);

    public OnnxGraph Graph { get; } = graph;

    /// <summary>Trained numbers of the layers so far.</summary>
    public long Parameters { get; private set; }

    /// <summary>Multiply-adds of the layers so far, for one picture of the nominal size.</summary>
    public double MultiplyAdds { get; private set; }

    /// <summary>A tensor inside the network: channels, and side in pixels of a square picture of the nominal size.</summary>
    internal readonly record struct Feature(OnnxValue Value, int Channels, int Side);

    /// <summary>Convolution <paramref name="name"/>, with its bias if it has one, and the batch norm <paramref name="norm"/> folded in.</summary>
    /// <param name="x">What to convolve.</param>
    /// <param name="name">The layer's name in the checkpoint.</param>
    /// <param name="outputs">Output channels, or 0 for as many as the checkpoint has.</param>
    /// <param name="kernel">Side of the kernel.</param>
    /// <param name="norm">Name of the batch norm that follows.</param>
    /// <param name="bias">Whether the convolution has a bias.</param>
    /// <param name="padding">Zeros at top and left, then at bottom and right.</param>
    /// <param name="stride">Step.</param>
    /// <param name="groups">Groups of channels.</param>
    public Feature Conv(
        Feature x,
        string name,
        int outputs,
        int kernel,
        string? norm = null,
        bool bias = false,
        (int Before, int After) padding = default,
        int stride = 1,
        int groups = 1)
    {
        if (outputs == 0)
        {
            outputs = Outputs(checkpoint, name);
        }

        long[] shape = [outputs, x.Channels / groups, kernel, kernel];
        var weights = Take(name + ".weight", shape);
        var shifts = bias ? Take(name + ".bias", outputs) : [];
        if (norm is not null)
        {
            var (scale, shift) = BatchNorm(norm, outputs);
            var each = weights.Length / outputs;
            var folded = new float[outputs];
            for (var o = 0; o < outputs; o++)
            {
                for (var i = o * each; i < (o + 1) * each; i++)
                {
                    weights[i] = (float)(weights[i] * scale[o]);
                }

                folded[o] = (float)(((bias ? shifts[o] : 0) * scale[o]) + shift[o]);
            }

            RequireFinite(weights, $"the layer {name} with {norm}");
            RequireFinite(folded, $"the layer {name} with {norm}");
            shifts = folded;
        }

        var side = ((x.Side + padding.Before + padding.After - kernel) / stride) + 1;
        MultiplyAdds += (double)weights.Length * side * side;
        return new Feature(
            Graph.Conv(x.Value, weights, shape, shifts, [padding.Before, padding.Before, padding.After, padding.After], stride, groups, name),
            outputs,
            side);
    }

    /// <summary>Convolution, batch norm and ReLU.</summary>
    public Feature ConvRelu(
        Feature x,
        string name,
        int outputs,
        int kernel,
        string norm,
        bool bias = false,
        (int Before, int After) padding = default,
        int stride = 1) => Relu(Conv(x, name, outputs, kernel, norm, bias, padding, stride));

    /// <summary>Output channels of a convolution as the checkpoint has it.</summary>
    /// <exception cref="ModelException">Its weights are missing or none.</exception>
    public static int Outputs(INetworkWeights checkpoint, string name) =>
        checkpoint.ShapeOf(name + ".weight") is [> 0 and <= int.MaxValue and var outputs, ..] ? (int)outputs
        : throw checkpoint.Error($"the tensor {name}.weight holds nothing; it belongs to another network");

    /// <summary>Transposed convolution that turns every pixel into 2 x 2.</summary>
    public Feature Up(Feature x, string name, int outputs)
    {
        long[] shape = [x.Channels, outputs, 2, 2];
        var weights = Take(name + ".weight", shape);
        MultiplyAdds += (double)weights.Length * x.Side * x.Side;
        return new Feature(Graph.ConvTranspose(x.Value, weights, shape, Take(name + ".bias", outputs), name), outputs, x.Side * 2);
    }

    /// <summary>Batch norm that follows no convolution, and ReLU.</summary>
    public Feature NormRelu(Feature x, string name)
    {
        var (scale, shift) = BatchNorm(name, x.Channels);
        long[] shape = [1, x.Channels, 1, 1];
        var (scales, shifts) = (Array.ConvertAll(scale, s => (float)s), Array.ConvertAll(shift, s => (float)s));
        RequireFinite(scales, $"the layer {name}");
        RequireFinite(shifts, $"the layer {name}");
        var scaled = Graph.Mul(x.Value, Graph.Constant(name + ".scale", scales, shape));
        return x with { Value = Graph.Relu(Graph.Add(scaled, Graph.Constant(name + ".shift", shifts, shape))) };
    }

    public Feature Relu(Feature x) => x with { Value = Graph.Relu(x.Value) };

    public Feature Add(Feature a, Feature b) => a.Channels == b.Channels && a.Side == b.Side
        ? a with { Value = Graph.Add(a.Value, b.Value) }
        : throw new InvalidOperationException($"{a.Channels} channels of {a.Side} pixels can't be added to {b.Channels} of {b.Side}.");

    public Feature Concat(Feature a, Feature b) => a.Side == b.Side
        ? new Feature(Graph.Concat(1, a.Value, b.Value), a.Channels + b.Channels, a.Side)
        : throw new InvalidOperationException($"{a.Side} pixels can't be joined with {b.Side}.");

    /// <summary>The middle of a tensor.</summary>
    public Feature CropTo(Feature x, int side)
    {
        var before = (x.Side - side) / 2;
        var after = x.Side - side - before;
        return x with { Value = Graph.Crop(x.Value, before, before, after, after), Side = side };
    }

    public Feature MaxPool(Feature x) => x with { Value = Graph.MaxPool(x.Value), Side = x.Side / 2 };

    public Feature ResizeNearest2x(Feature x) => x with { Value = Graph.ResizeNearest2x(x.Value), Side = x.Side * 2 };

    /// <summary>Checks that the network has used all that the checkpoint holds, so that none of another architecture passes.</summary>
    /// <param name="network">The network's name, for the message.</param>
    /// <param name="idle">Endings of names of tensors that bear on nothing.</param>
    /// <exception cref="ModelException">Tensors are left over.</exception>
    public void RequireAllUsed(string network, params string[] idle)
    {
        var left = checkpoint.Names.FirstOrDefault(n => !_used.Contains(n) && !Array.Exists(idle, i => n.EndsWith(i, StringComparison.Ordinal)));
        if (left is not null)
        {
            throw checkpoint.Error($"looks like {network}, but that has no layer for the tensor {left}; it is of another variant, which can't be imported");
        }
    }

    // y = scale x + shift, in double precision.
    private (double[] Scale, double[] Shift) BatchNorm(string name, int channels)
    {
        var weight = Take(name + ".weight", channels);
        var bias = Take(name + ".bias", channels);
        var mean = Statistic(name + ".running_mean", channels);
        var variance = Statistic(name + ".running_var", channels);
        var scale = new double[channels];
        var shift = new double[channels];
        for (var c = 0; c < channels; c++)
        {
            scale[c] = weight[c] / Math.Sqrt(variance[c] + BatchNormEpsilon);
            shift[c] = bias[c] - (mean[c] * scale[c]);
        }

        return (scale, shift);
    }

    private float[] Take(string name, params long[] shape)
    {
        var values = Statistic(name, shape);
        Parameters += values.Length;
        return values;
    }

    private float[] Statistic(string name, params long[] shape)
    {
        _used.Add(name);
        var values = checkpoint.Floats(name, shape);
        RequireFinite(values, $"the tensor {name}");
        return values;
    }

    // Of a variance below 0, and of numbers that grow too large, batch norm makes such too.
    private void RequireFinite(float[] values, string what)
    {
        if (!Array.TrueForAll(values, float.IsFinite))
        {
            throw checkpoint.Error($"{what} holds NaN or infinite numbers; the training that made it failed");
        }
    }
}
