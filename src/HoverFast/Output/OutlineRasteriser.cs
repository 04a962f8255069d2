using System.Numerics;

namespace HoverFast.Output;

/// <summary>Fills outlines: a pixel belongs to a nucleus when its centre lies inside the outline (even-odd rule, left and upper edge inside).</summary>
public static class OutlineRasteriser
{
    /// <summary>Gives the pixels of an outline a label. Pixels that already have one keep it.</summary>
    /// <param name="image">Takes the label.</param>
    /// <param name="contour">Open outline in the image's pixels.</param>
    /// <param name="label">Label to write.</param>
    public static void Fill(LabelImage image, ReadOnlySpan<Vector2> contour, int label)
    {
        ArgumentNullException.ThrowIfNull(image);
        foreach (var span in new ScanLines(contour, image.Width, image.Height))
        {
            foreach (ref var pixel in image.Labels.AsSpan((span.Row * image.Width) + span.Start, span.End - span.Start))
            {
                pixel = pixel == 0 ? label : pixel;
            }
        }
    }
}
