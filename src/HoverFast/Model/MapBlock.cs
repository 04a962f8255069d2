namespace HoverFast.Model;

/// <summary>The maps of a tile's core, where they lie on the slide.</summary>
/// <param name="X">First column in map pixels of the working grid.</param>
/// <param name="Y">First row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Probability">Nucleus probability x 255, row-major.</param>
/// <param name="Horizontal">Horizontal map x <see cref="NucleusMaps.HvScale"/>.</param>
/// <param name="Vertical">Vertical map x <see cref="NucleusMaps.HvScale"/>.</param>
/// <param name="Disagreement">How far answers disagree about the probability, x 255; null where that isn't told.</param>
internal sealed record MapBlock(
    int X,
    int Y,
    int Width,
    int Height,
    byte[] Probability,
    sbyte[] Horizontal,
    sbyte[] Vertical,
    byte[]? Disagreement = null)
{
    /// <summary>Copies a block out of a tile's maps.</summary>
    /// <param name="maps">The tile's maps.</param>
    /// <param name="left">First column of the block in them.</param>
    /// <param name="top">First row.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="x">First column on the slide.</param>
    /// <param name="y">First row on the slide.</param>
    public static MapBlock Of(NucleusMaps maps, int left, int top, int width, int height, int x, int y)
    {
        var disagreement = maps.Disagreement is { } told ? Cut(told) : null;
        return new MapBlock(x, y, width, height, Cut(maps.Probability), Cut(maps.Horizontal), Cut(maps.Vertical), disagreement);

        T[] Cut<T>(T[] plane)
        {
            var cut = new T[width * height];
            for (var row = 0; row < height; row++)
            {
                plane.AsSpan(((top + row) * maps.Width) + left, width).CopyTo(cut.AsSpan(row * width));
            }

            return cut;
        }
    }
}
