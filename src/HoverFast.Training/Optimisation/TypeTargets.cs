using HoverFast.Model;
using HoverFast.Training.Data;
using HoverFast.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace HoverFast.Training.Optimisation;

/// <summary>What the branch of nucleus types learns: cross-entropy inside nuclei of known type, rare types counting more.</summary>
internal sealed class TypeTargets
{
    private readonly StudentArchitecture _network;
    private readonly float[] _weights;

    /// <param name="network">The network; it has a branch of types.</param>
    /// <param name="sets">What is learned from: how much of each type there is.</param>
    /// <param name="balance">See <see cref="LossWeights.TypeBalance"/>.</param>
    public TypeTargets(StudentArchitecture network, IReadOnlyList<DataSet> sets, double balance)
    {
        _network = network;
        var shares = new double[network.Types!.Count];
        foreach (var set in sets)
        {
            var pixels = new double[shares.Length];
            foreach (var image in set.Images.Where(i => i.Types.Count > 0))
            {
                foreach (var label in image.Labels.Labels)
                {
                    if (image.TypeOf(label) is > 0 and var type)
                    {
                        pixels[type - 1]++;
                    }
                }
            }

            var all = Math.Max(1, pixels.Sum());
            for (var t = 0; t < shares.Length; t++)
            {
                shares[t] += set.Configuration.Weight * pixels[t] / all;
            }
        }

        var total = Math.Max(double.Epsilon, shares.Sum());
        _weights = [.. shares.Select(s => s > 0 ? (float)Math.Pow(total / (s * shares.Length), balance) : 0)];
    }

    /// <summary>The loss of a batch.</summary>
    /// <param name="answer">(N, types, h, w): a logit for each type.</param>
    /// <param name="target">What <see cref="Of"/> gives.</param>
    public static Tensor Loss(Tensor answer, Tensor target)
    {
        // Kept until the step is done: see Losses.
        using Scalar one = 1;
        return (F.log_softmax(answer, 1) * target).sum().neg() / target.sum().Plus(one);
    }

    /// <summary>What the branch should say of a batch: the share of an answer's pixels that have each type, times the type's weight.</summary>
    /// <param name="batch">The crops.</param>
    /// <param name="device">Where the network computes.</param>
    /// <returns>(N, types, h, w).</returns>
    public Tensor Of(IReadOnlyList<Crop> batch, Device device)
    {
        var step = _network.TypeStride;
        var from = batch[0].TargetSize;
        var (count, side) = (_weights.Length, from / step);
        var data = new float[batch.Count * count * side * side];
        for (var n = 0; n < batch.Count; n++)
        {
            var types = batch[n].Types!;
            for (var i = 0; i < types.Length; i++)
            {
                if (types[i] > 0)
                {
                    var type = types[i] - 1;
                    data[((((n * count) + type) * side) + (i / from / step)) * side + (i % from / step)] += _weights[type] / (step * step);
                }
            }
        }

        return tensor(data, [batch.Count, count, side, side], device: device);
    }
}
