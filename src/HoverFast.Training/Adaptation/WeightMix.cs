using TorchSharp;
using static TorchSharp.torch;

namespace HoverFast.Training.Adaptation;

/// <summary>
/// Weights on the line from a start to what was trained from it. Near the start they keep what it knew, and on the way they are often better than both
/// ends (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022).
/// </summary>
internal static class WeightMix
{
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
