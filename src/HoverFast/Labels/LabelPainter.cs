using System.Numerics;
using HoverFast.Nuclei;

namespace HoverFast.Labels;

/// <summary>
/// Fills outlines: a pixel belongs to a nucleus when its centre lies inside the outline (even-odd rule, left and upper edge inside), as
/// in every other place where outlines become pixels.
/// </summary>
internal static class LabelPainter
{
    /// <summary>Gives the pixels of an outline a label. Pixels that already have one keep it.</summary>
    /// <param name="image">Takes the label.</param>
    /// <param name="contour">Open outline in the image's pixels; it is rounded to hundredths, as outlines are written.</param>
    /// <param name="label">Label to write.</param>
    public static void Fill(LabelImage image, ReadOnlySpan<Vector2> contour, int label)
    {
        ArgumentNullException.ThrowIfNull(image);
        var ring = new OutlinePoint[contour.Length];
        for (var i = 0; i < ring.Length; i++)
        {
            ring[i] = OutlinePoint.Round(contour[i].X, contour[i].Y);
        }

        Label(image, new OutlineRaster().Fill(ring), label);
    }

    /// <summary>Gives pixels a label where there is background; the part outside the image is left out.</summary>
    internal static void Label(LabelImage image, ReadOnlySpan<PixelRun> pixels, int label)
    {
        foreach (var run in pixels)
        {
            var from = Math.Max(0, run.From);
            var to = Math.Min(image.Width, run.To);
            if (run.Y < 0 || run.Y >= image.Height || from >= to)
            {
                continue;
            }

            foreach (ref var pixel in image.Labels.AsSpan((run.Y * image.Width) + from, to - from))
            {
                pixel = pixel == 0 ? label : pixel;
            }
        }
    }
}
