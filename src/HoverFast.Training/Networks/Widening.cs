using HoverFast.Model;
using HoverFast.Training.Torch;
using static TorchSharp.torch;

namespace HoverFast.Training.Networks;

/// <summary>
/// Turns the weights of a narrow network into those of one whose levels are wider by one whole factor, computing the same (Chen et al.,
/// Net2Net, ICLR 2016): each channel is copied, and who reads it reads each copy in part. The parts are drawn at random, so that
/// the copies learn to differ. A teacher so begins where its student ended.
/// </summary>
internal static class Widening
{
    private const double LeastShare = 0.15;

    /// <summary>Widens.</summary>
    /// <param name="weights">Parameters and statistics of the narrow network.</param>
    /// <param name="narrow">Its shape.</param>
    /// <param name="wide">The same shape with all widths multiplied by a whole number.</param>
    /// <param name="seed">Draws the shares.</param>
    /// <param name="noise">Spread of what is added to each weight, relative to its layer's; 0 leaves the function as it is.</param>
    /// <exception cref="InvalidDataException">The shapes don't correspond.</exception>
    public static Dictionary<string, Tensor> Widen(
        IReadOnlyDictionary<string, Tensor> weights,
        StudentArchitecture narrow,
        StudentArchitecture wide,
        ulong seed,
        double noise = 0.02)
    {
        var factor = wide.Widths[0] / narrow.Widths[0];
        if (factor < 1 || !wide.Widths.SequenceEqual(narrow.Widths.Select(w => w * factor)) || wide.Layers().Count() != narrow.Layers().Count())
        {
            throw new InvalidDataException(
                $"widenFrom: a network of {string.Join('-', narrow.Widths)} channels can't be widened to {string.Join('-', wide.Widths)}; all levels are multiplied by one whole number.");
        }

        using var random = new Generator(seed);
        using var noGrad = no_grad();
        var widened = new Dictionary<string, Tensor>();
        foreach (var layer in narrow.Layers())
        {
            var (inputs, outputs) = (layer.Name == "encoder0.0" ? 1 : factor, layer.Normalised ? factor : 1);
            var weight = weights[layer.Name + ".weight"];
            var rows = new List<Tensor>();
            for (var o = 0; o < outputs; o++)
            {
                using var shares = Shares(weight, inputs, random);
                rows.Add(cat([.. Enumerable.Range(0, inputs).Select(i => weight * shares[i])], dim: 1));
            }

            var whole = cat(rows, dim: 0);
            if (noise > 0)
            {
                whole = whole.Plus(randn(whole.shape, generator: random) * whole.std().Times(noise));
                if (layer.Name == "encoder0.0")
                {
                    whole.slice(1, layer.Inputs, whole.shape[1], 1).zero_();
                }
            }

            widened[layer.Name + ".weight"] = whole;
            foreach (var kind in layer.Normalised ? ["gamma", "beta", "mean", "variance"] : new[] { "beta" })
            {
                var vector = weights[$"{layer.Name}.{kind}"];
                widened[$"{layer.Name}.{kind}"] = cat([.. Enumerable.Repeat(vector, outputs)], dim: 0);
            }
        }

        return widened;
    }

    // (copies, out, in, 1, 1), summing to one over the copies.
    private static Tensor Shares(Tensor weight, int copies, Generator random)
    {
        var raw = rand([copies, weight.shape[0], weight.shape[1], 1, 1], generator: random).Times(1 - (2 * LeastShare)).Plus(LeastShare);
        return raw / raw.sum(0, keepdim: true);
    }
}
