using HoverFast.Model;

namespace HoverFast.Nuclei;

/// <summary>A part of a tile's maps, in map pixels. To the post-processing nothing lies beyond it.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
internal readonly record struct MapArea(int Left, int Top, int Width, int Height)
{
    /// <summary>All of a tile's maps.</summary>
    public static MapArea All(NucleusMaps maps) => new(0, 0, maps.Width, maps.Height);

    /// <summary>The maps without so many pixels on each side.</summary>
    public static MapArea Inside(NucleusMaps maps, int cut) => new(cut, cut, maps.Width - (2 * cut), maps.Height - (2 * cut));

    /// <summary>Where a pixel of the area lies in the planes of the maps.</summary>
    public int At(NucleusMaps maps, int x, int y) => ((Top + y) * maps.Width) + Left + x;
}
