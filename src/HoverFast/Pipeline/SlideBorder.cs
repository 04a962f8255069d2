using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Pipeline;

/// <summary>
/// What lies beyond a slide's edge: the mirror image of what lies inside. A white frame would be an edge that the network never met in
/// training, and nuclei beside it would be lost. A pixel's mirror is looked up on the whole working grid, so it does not depend on the tile.
/// </summary>
internal static class SlideBorder
{
    /// <summary>Runs a network on a tile that may reach beyond the slide: mirrors what lies inside, and keeps nuclei off what lies outside.</summary>
    /// <param name="tile">The tile's picture; changed where it lies outside.</param>
    /// <param name="rect">Its place on the working grid.</param>
    /// <param name="grid">The working grid.</param>
    /// <param name="run">The network.</param>
    /// <param name="margin">Tile pixels that the maps lack on each side.</param>
    /// <param name="outputStride">Tile pixels on a side of a map pixel.</param>
    public static NucleusMaps Run(RgbImage tile, WorkingRect rect, WorkingGrid grid, Func<RgbImage, NucleusMaps> run, int margin, int outputStride)
    {
        Mirror(tile, rect, grid.Covered);
        var maps = run(tile);
        Clear(maps, rect, grid.Size, margin, outputStride);
        return maps;
    }

    /// <summary>Fills the parts of a tile that lie outside of the grid. What is farther out than the tile reaches inside stays as it is.</summary>
    /// <param name="picture">The tile.</param>
    /// <param name="rect">Its place on the working grid.</param>
    /// <param name="grid">Pixels of the working grid that hold nothing but slide.</param>
    public static void Mirror(RgbImage picture, WorkingRect rect, PixelSize grid)
    {
        var (left, right) = (Math.Max(0, -rect.X), Math.Min(rect.Width, grid.Width - rect.X));
        var (top, bottom) = (Math.Max(0, -rect.Y), Math.Min(rect.Height, grid.Height - rect.Y));
        if ((left == 0 && top == 0 && right == rect.Width && bottom == rect.Height) || left >= right || top >= bottom)
        {
            return;
        }

        for (var y = top; y < bottom; y++)
        {
            var row = picture.Row(y);
            for (var x = 0; x < rect.Width; x++)
            {
                var from = x < left ? (2 * left) - 1 - x : (2 * right) - 1 - x;
                if ((x < left || x >= right) && from >= left && from < right)
                {
                    row.Slice(from * 3, 3).CopyTo(row[(x * 3)..]);
                }
            }
        }

        for (var y = 0; y < rect.Height; y++)
        {
            var from = y < top ? (2 * top) - 1 - y : (2 * bottom) - 1 - y;
            if ((y < top || y >= bottom) && from >= top && from < bottom)
            {
                picture.Row(from).CopyTo(picture.Row(y));
            }
        }
    }

    /// <summary>Takes the probability off what lies outside of the grid: nuclei end at the slide's edge.</summary>
    /// <param name="maps">The tile's maps.</param>
    /// <param name="rect">The tile's place on the working grid.</param>
    /// <param name="grid">Pixels of the working grid.</param>
    /// <param name="margin">Tile pixels that the maps lack on each side.</param>
    /// <param name="outputStride">Tile pixels on a side of a map pixel.</param>
    public static void Clear(NucleusMaps maps, WorkingRect rect, PixelSize grid, int margin, int outputStride)
    {
        var (left, right) = Inside(rect.X + margin, grid.Width, maps.Width, outputStride);
        var (top, bottom) = Inside(rect.Y + margin, grid.Height, maps.Height, outputStride);
        for (var y = 0; y < maps.Height; y++)
        {
            var row = maps.Probability.AsSpan(y * maps.Width, maps.Width);
            if (y < top || y >= bottom)
            {
                row.Clear();
                continue;
            }

            row[..left].Clear();
            row[right..].Clear();
        }
    }

    private static (int First, int End) Inside(int start, int gridSide, int mapSide, int outputStride)
    {
        var first = Math.Clamp((-start + outputStride - 1) / outputStride, 0, mapSide);
        return (first, Math.Clamp((gridSide - start + outputStride - 1) / outputStride, first, mapSide));
    }
}
