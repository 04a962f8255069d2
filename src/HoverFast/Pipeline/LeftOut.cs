using HoverFast.Quality;

namespace HoverFast.Pipeline;

/// <summary>What was left out of a result because of artefacts.</summary>
/// <param name="Fields">The fields.</param>
/// <param name="Nuclei">Nuclei that were found in them.</param>
/// <param name="Area">Their tissue in square millimetres.</param>
/// <param name="Reasons">How many fields have each artefact.</param>
internal sealed record LeftOut(ArtefactFields Fields, long Nuclei, double Area, IReadOnlyDictionary<string, int> Reasons);
