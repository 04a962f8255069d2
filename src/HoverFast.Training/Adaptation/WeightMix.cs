using TorchSharp;
using static TorchSharp.torch;

namespace HoverFast.Training.Adaptation;

/// <summary>
/// Weights on the line from a start to what was trained from it. Near the start they keep what it knew, and on the way they are often better than both
/// ends (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022).
/// </summary>
internal static class WeightMix
{
    /// <summary>
    /// The mean of what several runs from one start ended with. It is seldom worse than the best of them, and depends less on chance (Wortsman et al., Model
    /// soups, ICML 2022).
    /// </summary>
    /// <param name="ends">The ends, at least one.</param>
    public static IReadOnlyDictionary<string, Tensor> Mean(IReadOnlyList<IReadOnlyDictionary<string, Tensor>> ends)
    {
        var mean = ends[0];
        for (var i = 1; i < ends.Count; i++)
        {
            mean = Of(mean, ends[i], 1.0 / (i + 1));
        }

        return mean;
    }

    /// <summary>start + share (trained - start), number by number. A branch that the start lacks is as trained.</summary>
    /// <param name="start">Where the run began.</param>
    /// <param name="trained">Where it ended.</param>
    /// <param name="share">0 gives the start, 1 the end.</param>
    public static Dictionary<string, Tensor> Of(IReadOnlyDictionary<string, Tensor> start, IReadOnlyDictionary<string, Tensor> trained, double share)
    {
        using var noGrad = no_grad();
        using Scalar gone = share, rest = 1 - share;
        return trained.ToDictionary(p => p.Key, p => start.TryGetValue(p.Key, out var began) ? began.mul(rest).add_(p.Value, alpha: gone) : p.Value);
    }
}
