using HoverFast.Evaluation;
using HoverFast.Labels;

namespace HoverFast.Jobs;

/// <summary>What a model finds on a picture.</summary>
/// <param name="Labels">The nuclei, 1 to N, at full resolution.</param>
/// <param name="Nuclei">The same with centroids and types, label 1 first.</param>
internal sealed record PictureNuclei(LabelImage Labels, IReadOnlyList<TypedNucleus> Nuclei);
