using HoverFast.Nuclei;
using HoverFast.Quality;

namespace HoverFast.Pipeline;

/// <summary>What was found on a tile's maps.</summary>
/// <param name="Nuclei">The nuclei that the tile can own, in the working pixels of its input; a few more do no harm.</param>
/// <param name="Fields">What was seen in the fields that the tile's core covers a part of, in their order.</param>
internal readonly record struct FoundNuclei(IReadOnlyList<Nucleus> Nuclei, IReadOnlyList<FieldSums> Fields);
