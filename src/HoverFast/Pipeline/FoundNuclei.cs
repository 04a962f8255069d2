using HoverFast.Nuclei;
using HoverFast.Quality;

namespace HoverFast.Pipeline;

/// <summary>What was found on a tile's maps.</summary>
/// <param name="Nuclei">All nuclei of the tile's input, in its working pixels.</param>
/// <param name="Fields">What was seen in the fields that the tile's core covers a part of, in their order.</param>
internal readonly record struct FoundNuclei(IReadOnlyList<Nucleus> Nuclei, IReadOnlyList<FieldSums> Fields);
