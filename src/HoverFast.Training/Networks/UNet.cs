using HoverFast.Model;
using HoverFast.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace HoverFast.Training.Networks;

/// <summary>
/// A <see cref="StudentArchitecture"/> as a trainable network. Its parameters are float32 masters; the forward pass computes in
/// bfloat16 or float32. All activations are channels-last and all channels multiples of 16 (the input and the head are padded),
/// since libtorch's CPU convolutions are wrong for other shapes on some systems.
/// </summary>
internal sealed class UNet : IDisposable
{
    /// <summary>Channels to which the packed input and the head are padded.</summary>
    public const int Padding = 16;

    /// <summary>What batch norm adds to the variance.</summary>
    public const double BatchNormEpsilon = 1e-5;

    private const double BatchNormMomentum = 0.1;
    private readonly Dictionary<string, Tensor> _parameters = [];
    private readonly Dictionary<string, Tensor> _statistics = [];
    private readonly Dictionary<string, StudentArchitecture.Layer> _layers;
    private readonly ScalarType _compute;

    public UNet(StudentArchitecture architecture, ulong seed, bool bfloat16, Device device)
    {
        architecture.Validate();
        Architecture = architecture;
        Device = device;
        _layers = architecture.Layers().ToDictionary(l => l.Name);
        _compute = bfloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        using var random = new Generator(seed);
        foreach (var layer in architecture.Layers())
        {
            var inputs = Padded(layer.Inputs);
            var outputs = Padded(layer.Outputs);
            using var scope = NewDisposeScope();
            var gain = layer.Normalised ? Math.Sqrt(2) : 0.5;
            var spread = gain / Math.Sqrt(layer.Inputs * layer.Kernel * layer.Kernel);
            var weight = randn([outputs, inputs, layer.Kernel, layer.Kernel], generator: random).Times(spread);
            _parameters[layer.Name + ".weight"] = Master(ChannelsLast(weight.to(device)));
            if (layer.Normalised)
            {
                _parameters[layer.Name + ".gamma"] = Master(ones(outputs, device: device));
                _statistics[layer.Name + ".mean"] = zeros(outputs, device: device).DetachFromDisposeScope();
                _statistics[layer.Name + ".variance"] = ones(outputs, device: device).DetachFromDisposeScope();
            }

            _parameters[layer.Name + ".beta"] = Master(zeros(outputs, device: device));
        }
    }

    public StudentArchitecture Architecture { get; }

    public Device Device { get; }

    /// <summary>Whether gradients of the branch of nucleus types go on into the trunk.</summary>
    public bool TypesShapeTrunk { get; init; } = true;

    /// <summary>Trained tensors by name: LAYER.weight (out, in, k, k), LAYER.gamma, LAYER.beta (out).</summary>
    public IReadOnlyDictionary<string, Tensor> Parameters => _parameters;

    /// <summary>Running statistics of batch norm by name: LAYER.mean, LAYER.variance (out).</summary>
    public IReadOnlyDictionary<string, Tensor> Statistics => _statistics;

    /// <summary>Runs the network.</summary>
    /// <param name="packed">(N, 16k, H/stem, W/stem) float32 channels-last: blocks of stem x stem pixels as channels (y, x, RGB), each (value - 128) / 64,
    /// zero-padded.</param>
    /// <param name="training">Whether batch norm uses and updates the batch's own statistics.</param>
    /// <returns>(N, 3, H / outputStride, W / outputStride) float32: probability logit, horizontal, vertical.</returns>
    public Tensor Forward(Tensor packed, bool training) => Answer(packed, training).Maps;

    /// <summary>Runs the network, its branch of nucleus types included.</summary>
    /// <param name="packed">As for <see cref="Forward"/>.</param>
    /// <param name="training">As for <see cref="Forward"/>.</param>
    public NetworkAnswer Answer(Tensor packed, bool training) => Compute(packed, training ? Norm.Batch : Norm.Running);

    /// <summary>Runs the trunk as it is, up to what the branch of nucleus types takes.</summary>
    /// <param name="packed">As for <see cref="Forward"/>.</param>
    /// <returns>The features of the level below the branch's, and of its own.</returns>
    public (Tensor Deep, Tensor Side) FeaturesForTypes(Tensor packed)
    {
        (Tensor, Tensor)? features = null;
        Compute(packed, Norm.Running, (deep, side) =>
        {
            features = (deep, side);
            return false;
        });
        return features!.Value;
    }

    /// <summary>Runs the branch of nucleus types.</summary>
    /// <param name="deep">Features of the level below the branch's.</param>
    /// <param name="side">Features of the branch's level.</param>
    /// <param name="training">Whether its batch norm uses and updates the batch's own statistics.</param>
    /// <returns>As <see cref="NetworkAnswer.Types"/>.</returns>
    public Tensor AnswerTypes(Tensor deep, Tensor side, bool training) => Types(deep, side, training ? Norm.Batch : Norm.Running);

    /// <summary>Lets gradients reach the branch of nucleus types alone.</summary>
    public void FreezeTrunk()
    {
        foreach (var (name, tensor) in _parameters.Where(p => !StudentArchitecture.IsOfTypes(p.Key)))
        {
            tensor.requires_grad = false;
        }
    }

    /// <summary>
    /// Gives a network whose batch norm is folded into its convolutions (an exported model) a batch norm to train with: each
    /// layer's statistics are measured on one batch, and its scale and shift set so that the network still computes the same.
    /// </summary>
    /// <param name="packed">As for <see cref="Forward"/>; some hundred crops are enough.</param>
    public void Renormalise(Tensor packed)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        Compute(packed, Norm.Measured);
    }

    /// <summary>Copies values from tensors of the same names; the training state of another run, or averaged weights.</summary>
    /// <param name="values">The tensors.</param>
    /// <param name="partly">Whether what they lack stays as it is.</param>
    /// <exception cref="InvalidDataException">A tensor is missing.</exception>
    public void Load(IReadOnlyDictionary<string, Tensor> values, bool partly = false)
    {
        using var noGrad = no_grad();
        foreach (var (name, tensor) in _parameters.Concat(_statistics))
        {
            if (values.TryGetValue(name, out var value))
            {
                tensor.copy_(value);
            }
            else if (!partly)
            {
                throw new InvalidDataException($"The weights lack '{name}': they belong to another network.");
            }
        }
    }

    public void Dispose()
    {
        foreach (var tensor in _parameters.Values.Concat(_statistics.Values))
        {
            tensor.Dispose();
        }
    }

    /// <summary>Channels-last memory for a 4-D tensor; TorchSharp has no memory_format argument.</summary>
    public static Tensor ChannelsLast(Tensor t) => t.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2);

    public static int Padded(int channels) => (channels + Padding - 1) / Padding * Padding;

    private NetworkAnswer Compute(Tensor packed, Norm norm)
    {
        Tensor? types = null;
        var maps = Compute(packed, norm, (deep, side) =>
        {
            types = TypesShapeTrunk ? Types(deep, side, norm) : Types(deep.detach(), side.detach(), norm);
            return true;
        });
        return new NetworkAnswer(maps!, types);
    }

    // The branch of types gets what it takes, and says whether to go on.
    private Tensor? Compute(Tensor packed, Norm norm, Func<Tensor, Tensor, bool> branch)
    {
        var x = packed.to(_compute);
        var skips = new List<Tensor>();
        for (var level = 0; level < Architecture.Widths.Count; level++)
        {
            if (level > 0 && !Architecture.StridedBlocks)
            {
                x = F.max_pool2d(x, 2);
            }

            x = Convolutions(x, $"encoder{level}", Architecture.EncoderConvolutions[level], norm);
            skips.Add(x);
        }

        for (var level = Architecture.Widths.Count - 2; level >= 0; level--)
        {
            var deep = x;
            var up = Convolve(x, _layers[$"up{level}"], norm, rectify: false);
            x = F.interpolate(up, scale_factor: [2, 2], mode: InterpolationMode.Nearest).Plus(skips[level]);
            x = Convolutions(F.relu(x), $"decoder{level}", Architecture.DecoderConvolutions[level], norm);
            if (Architecture.Types?.Level == level && !branch(deep, x))
            {
                return null;
            }
        }

        x = Convolve(x, _layers["head"], norm, rectify: false).to(ScalarType.Float32).slice(1, 0, Architecture.HeadChannels, 1);
        return Architecture.Subpixels == 1 ? x : F.pixel_shuffle(x, Architecture.Subpixels);
    }

    private Tensor Types(Tensor deep, Tensor side, Norm norm)
    {
        var x = Convolve(deep, _layers[StudentArchitecture.TypeDeep], norm, rectify: true);
        x = F.interpolate(x, scale_factor: [2, 2], mode: InterpolationMode.Nearest)
            .Plus(Convolve(side, _layers[StudentArchitecture.TypeSide], norm, rectify: false));
        x = Convolve(F.relu(x), _layers[StudentArchitecture.TypeMix], norm, rectify: true);
        return Convolve(x, _layers[StudentArchitecture.TypeHead], norm, rectify: false).to(ScalarType.Float32).slice(1, 0, Architecture.Types!.Count, 1);
    }

    private Tensor Convolutions(Tensor x, string block, int count, Norm norm)
    {
        for (var i = 0; i < count; i++)
        {
            var first = _layers[$"{block}.{i}"];
            if (Architecture.StartsPair(_layers, block, i))
            {
                var shortcut = first.Step > 1 ? Convolve(x, _layers[$"{block}.shortcut"], norm, rectify: false) : x;
                x = F.relu(shortcut.Plus(Convolve(Convolve(x, first, norm, rectify: true), _layers[$"{block}.{i + 1}"], norm, rectify: false)));
                i++;
            }
            else
            {
                x = Convolve(x, first, norm, rectify: true);
            }
        }

        return x;
    }

    private Tensor Convolve(Tensor x, StudentArchitecture.Layer layer, Norm norm, bool rectify)
    {
        var weight = _parameters[layer.Name + ".weight"].to(_compute);
        var beta = _parameters[layer.Name + ".beta"];
        var padding = layer.Kernel / 2;
        if (!layer.Normalised)
        {
            return F.conv2d(x, weight, beta.to(_compute), padding: [padding, padding]);
        }

        var y = F.conv2d(x, weight, null, strides: [layer.Step, layer.Step], padding: [padding, padding]);
        if (norm == Norm.Measured)
        {
            Renormalise(layer, y.to(ScalarType.Float32));
        }

        y = F.batch_norm(
            y,
            _statistics[layer.Name + ".mean"],
            _statistics[layer.Name + ".variance"],
            _parameters[layer.Name + ".gamma"],
            beta,
            norm == Norm.Batch,
            BatchNormMomentum,
            BatchNormEpsilon);
        return rectify ? F.relu(y) : y;
    }

    private void Renormalise(StudentArchitecture.Layer layer, Tensor y)
    {
        var (mean, variance) = (y.mean([0, 2, 3]), y.var([0, 2, 3], unbiased: false));
        var (gamma, beta) = (_parameters[layer.Name + ".gamma"], _parameters[layer.Name + ".beta"]);
        var (oldMean, oldVariance) = (_statistics[layer.Name + ".mean"], _statistics[layer.Name + ".variance"]);
        var slope = gamma / oldVariance.Plus(BatchNormEpsilon).sqrt();
        using Scalar one = 1;
        beta.add_(slope * mean.Minus(oldMean), one);
        gamma.copy_(slope * variance.Plus(BatchNormEpsilon).sqrt());
        oldMean.copy_(mean);
        oldVariance.copy_(variance);
    }

    private static Tensor Master(Tensor value)
    {
        value.requires_grad = true;
        return value.DetachFromDisposeScope();
    }

    /// <summary>Whose statistics batch norm uses.</summary>
    private enum Norm
    {
        /// <summary>The running ones.</summary>
        Running,

        /// <summary>The batch's; the running ones follow.</summary>
        Batch,

        /// <summary>The batch's, which become the running ones without changing what is computed.</summary>
        Measured,
    }
}
