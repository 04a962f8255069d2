using TorchSharp;
using static TorchSharp.torch;

namespace HoverFast.Training.Adaptation;

/// <summary>
/// Weights on the line from a start to what was trained from it. Near the start they keep what it knew, and on the way they are often better than both
/// ends (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022).
/// </summary>
internal static class WeightMix
{
    /// <summary>start + share (mean of trained - start), number by number.</summary>
    /// <param name="start">Where all runs began.</param>
    /// <param name="trained">Ends of one or several runs (their mean counts: Wortsman et al., Model soups, ICML 2022).</param>
    /// <param name="share">0 gives the start, 1 the mean of the ends.</param>
    public static Dictionary<string, Tensor> Of(IReadOnlyDictionary<string, Tensor> start, IReadOnlyList<IReadOnlyDictionary<string, Tensor>> trained, double share)
    {
        using var noGrad = no_grad();
        using Scalar each = share / trained.Count, rest = 1 - share;
        return start.ToDictionary(p => p.Key, p =>
        {
            var sum = p.Value.mul(rest);
            foreach (var run in trained)
            {
                sum.add_(run[p.Key], alpha: each);
            }

            return sum;
        });
    }
}
