using HoverFast.Training.Optimisation;

namespace HoverFast.Training.Adaptation;

/// <summary>How a model is adapted, once its start has looked at the tiles.</summary>
/// <param name="Plan">What is learned and checked; its settings are settled.</param>
/// <param name="Begin">The model whose weights are learned on: the start, or one that it carries.</param>
/// <param name="Recognition">How the model will know its own tissue, so that its start segments other; null for one that segments all slides.</param>
internal sealed record AdaptationWay(AdaptationPlan Plan, StartingModel Begin, Recognition? Recognition);
