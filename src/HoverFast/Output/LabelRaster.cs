using HoverFast.Nuclei;

namespace HoverFast.Output;

/// <summary>Draws nuclei into label images.</summary>
internal static class LabelRaster
{
    /// <summary>Gives a nucleus's pixels its label where there is background; the part outside the image is left out.</summary>
    public static void Draw(LabelImage image, ReadOnlySpan<PixelRun> pixels, int label)
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
