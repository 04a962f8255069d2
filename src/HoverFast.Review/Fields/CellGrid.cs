using HoverFast.Slides;
using HoverFast.Tissue;

namespace HoverFast.Review.Fields;

/// <summary>
/// Cuts a slide into cells of one size. The cells share no point and leave none out, so each nucleus belongs to exactly one: what makes sums over a sample of
/// cells fair. Where the grid begins is drawn too.
/// </summary>
internal static class CellGrid
{
    /// <summary>The cells that hold tissue, row by row.</summary>
    /// <param name="slide">Name of the slide's result.</param>
    /// <param name="tissue">Where there is tissue, from the corner of level 0.</param>
    /// <param name="bounds">The part of level 0 that outlines are counted from.</param>
    /// <param name="mpp">Pixel size of level 0.</param>
    /// <param name="side">Side of a cell, um.</param>
    /// <param name="random">Draws where the grid begins.</param>
    public static IEnumerable<Cell> Of(string slide, TissueMask tissue, PixelRect bounds, Mpp mpp, double side, Random random)
    {
        var step = Math.Max(1, (int)Math.Round(side / mpp.MicronsPerPixel));
        var (left, top) = (-random.Next(step), -random.Next(step));
        for (var y = top; y < bounds.Height; y += step)
        {
            for (var x = left; x < bounds.Width; x += step)
            {
                var (x0, y0) = (Math.Max(0, x), Math.Max(0, y));
                var (width, height) = (Math.Min(bounds.Width, x + step) - x0, Math.Min(bounds.Height, y + step) - y0);
                var area = 1e6 * tissue.AreaIn(new WorkingRect(x0 + bounds.X, y0 + bounds.Y, width, height), mpp);
                if (area > 0)
                {
                    yield return new Cell(slide, x0, y0, width, height, area);
                }
            }
        }
    }
}
