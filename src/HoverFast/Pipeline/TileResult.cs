using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Quality;
using HoverFast.Slides;

namespace HoverFast.Pipeline;

/// <summary>What the main line found in one tile: it is journalled, then written.</summary>
/// <param name="TileIndex">Position of the tile in the grid's order.</param>
/// <param name="Nuclei">The nuclei that are the tile's, in level-0 pixels relative to the slide's bounds, in the order found.</param>
/// <param name="Measurements">One row of values for each nucleus, in the order of the measurements' names; empty rows where none are wanted.</param>
/// <param name="Corrupt">Level-0 regions that could not be decoded and were taken as blank.</param>
/// <param name="Fields">What was seen in the fields that the tile covers a part of, in their order.</param>
/// <param name="Maps">The maps of its core, where they are kept; never journalled.</param>
internal sealed record TileResult(
    int TileIndex,
    IReadOnlyList<Nucleus> Nuclei,
    IReadOnlyList<float[]> Measurements,
    IReadOnlyList<PixelRect> Corrupt,
    IReadOnlyList<FieldSums> Fields,
    MapBlock? Maps = null)
{
    /// <summary>The same without the nuclei that lie in some fields.</summary>
    /// <param name="fields">The fields; null leaves all.</param>
    public TileResult Without(ArtefactFields? fields)
    {
        if (fields is null || fields.Count == 0)
        {
            return this;
        }

        List<int> kept = [.. Enumerable.Range(0, Nuclei.Count).Where(i => !fields.Contains(Nuclei[i].Centroid.X, Nuclei[i].Centroid.Y))];
        return this with { Nuclei = [.. kept.Select(i => Nuclei[i])], Measurements = [.. kept.Select(i => Measurements[i])] };
    }
}
