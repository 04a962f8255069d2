using static TorchSharp.torch;

namespace HoverFast.Training.Adaptation;

/// <summary>What adapting gave.</summary>
/// <param name="Weights">The adapted weights.</param>
/// <param name="Ends">The ends of the runs that held tiles out.</param>
/// <param name="Chosen">Which share was chosen, with its scores.</param>
/// <param name="All">All shares that were tried.</param>
/// <param name="Way">How it was adapted.</param>
internal sealed record AdaptationResult(
    IReadOnlyDictionary<string, Tensor> Weights,
    IReadOnlyList<IReadOnlyDictionary<string, Tensor>> Ends,
    Choice Chosen,
    IReadOnlyList<Choice> All,
    AdaptationWay Way)
{
    /// <summary>How the model knows its own tissue, so that its start segments other; null for one that segments all slides.</summary>
    public Recognition? Recognition => Way.Recognition;

    /// <summary>The settings, settled.</summary>
    public AdaptationSettings Settings => Way.Plan.Settings;

    /// <summary>Whether the user's tiles got better.</summary>
    public bool IsBetter => Chosen.Own.Gain.Mean > 0;
}
