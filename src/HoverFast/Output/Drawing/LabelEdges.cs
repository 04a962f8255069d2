using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Output.Drawing;

/// <summary>Draws the edges of two label images over their picture, each nucleus in its own colour.</summary>
internal static class LabelEdges
{
    /// <summary>Draws on a copy of the picture, so many times as large, so that the tissue under the outlines is still seen.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="above">Labels that lie on top.</param>
    /// <param name="below">Labels below them.</param>
    /// <param name="ofAbove">The colour of a label on top.</param>
    /// <param name="ofBelow">The colour of a label below; null leaves it out.</param>
    /// <param name="times">Pixels of the copy in one of the picture, along each side.</param>
    public static RgbImage Draw(
        RgbImage picture,
        LabelImage above,
        LabelImage below,
        Func<int, (byte R, byte G, byte B)> ofAbove,
        Func<int, (byte R, byte G, byte B)?> ofBelow,
        int times)
    {
        var drawn = new RgbImage(picture.Width * times, picture.Height * times);
        for (var y = 0; y < drawn.Height; y++)
        {
            for (var x = 0; x < drawn.Width; x++)
            {
                var from = ((y / times * picture.Width) + (x / times)) * 3;
                var to = ((y * drawn.Width) + x) * 3;
                var colour = Edge(above, x, y, times) is { } top ? ofAbove(top)
                    : Edge(below, x, y, times) is { } under && ofBelow(under) is { } shown ? shown
                    : (picture.Pixels[from], picture.Pixels[from + 1], picture.Pixels[from + 2]);
                (drawn.Pixels[to], drawn.Pixels[to + 1], drawn.Pixels[to + 2]) = colour;
            }
        }

        return drawn;
    }

    // The label of a pixel of the copy that has a neighbour of another label.
    private static int? Edge(LabelImage labels, int x, int y, int times)
    {
        var label = At(x, y);
        return label != 0 && (At(x - 1, y) != label || At(x + 1, y) != label || At(x, y - 1) != label || At(x, y + 1) != label) ? label : null;

        int At(int column, int row) =>
            column >= 0 && row >= 0 && column < labels.Width * times && row < labels.Height * times
                ? labels.Labels[(row / times * labels.Width) + (column / times)]
                : 0;
    }
}
