using HoverFast.Slides;

namespace HoverFast.Tiles;

/// <summary>One tile of a slide's working grid.</summary>
/// <param name="Index">Position in the grid's order, from 0, rows first; tiles without tissue are not counted.</param>
/// <param name="Core">The part whose nuclei are this tile's: cores cover the tissue without overlap.</param>
/// <param name="Input">What the network is shown: the core and a halo. May reach outside the slide, where it is white.</param>
/// <param name="Ownership">The tile's cell of the grid, without limit where it lies at the slide's border, so that no nucleus there is lost.</param>
internal sealed record Tile(int Index, WorkingRect Core, WorkingRect Input, OwnedArea Ownership)
{
    /// <summary>The tile in bands, each with a halo as wide as its own: one below the other, as equally high as the stride allows.</summary>
    /// <param name="rows">Rows that the core of a band may have, about.</param>
    /// <param name="stride">The network's stride, of which their borders are multiples.</param>
    public IReadOnlyList<Tile> InBands(int rows, int stride)
    {
        var (count, height) = TileGrid.EvenParts(Core.Height, rows, stride);
        if (count == 1)
        {
            return [this];
        }

        var bands = new List<Tile>(count);
        for (var top = Core.Y; top < Core.Bottom; top += height)
        {
            var bottom = Math.Min(top + height, Core.Bottom);
            var core = Core with { Y = top, Height = bottom - top };
            bands.Add(this with
            {
                Core = core,
                Input = core.Grow(Core.X - Input.X),
                Ownership = Ownership with { Top = top == Core.Y ? Ownership.Top : top, Bottom = bottom == Core.Bottom ? Ownership.Bottom : bottom },
            });
        }

        return bands;
    }
}
