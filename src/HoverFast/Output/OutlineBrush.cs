using HoverFast.Nuclei;
using HoverFast.Slides;

namespace HoverFast.Output;

/// <summary>Draws outlines into a picture with soft edges.</summary>
/// <param name="width">Width of the line in pixels.</param>
internal sealed class OutlineBrush(double width)
{
    /// <summary>Draws a closed outline.</summary>
    /// <param name="picture">Is drawn into.</param>
    /// <param name="ring">Open ring in hundredths of the picture's pixels.</param>
    /// <param name="colour">Colour of the line.</param>
    public void Draw(RgbImage picture, ReadOnlySpan<OutlinePoint> ring, (byte R, byte G, byte B) colour)
    {
        for (var i = 0; i < ring.Length; i++)
        {
            Line(picture, ring[i], ring[i + 1 == ring.Length ? 0 : i + 1], colour);
        }
    }

    private void Line(RgbImage picture, OutlinePoint from, OutlinePoint to, (byte R, byte G, byte B) colour)
    {
        const double Pixel = OutlinePoint.PerPixel;
        var (ax, ay, bx, by) = (from.X / Pixel, from.Y / Pixel, to.X / Pixel, to.Y / Pixel);
        var reach = (width / 2) + 0.5;
        var left = (int)Math.Max(0, Math.Floor(Math.Min(ax, bx) - reach));
        var right = (int)Math.Min(picture.Width - 1, Math.Floor(Math.Max(ax, bx) + reach));
        var top = (int)Math.Max(0, Math.Floor(Math.Min(ay, by) - reach));
        var bottom = (int)Math.Min(picture.Height - 1, Math.Floor(Math.Max(ay, by) + reach));
        var (dx, dy) = (bx - ax, by - ay);
        var length = Math.Max((dx * dx) + (dy * dy), 1e-9);
        for (var y = top; y <= bottom; y++)
        {
            var row = picture.Row(y);
            for (var x = left; x <= right; x++)
            {
                // Coverage by the distance of the pixel's centre from the line.
                var (px, py) = (x + 0.5 - ax, y + 0.5 - ay);
                var t = Math.Clamp(((px * dx) + (py * dy)) / length, 0, 1);
                var (ex, ey) = (px - (t * dx), py - (t * dy));
                var cover = Math.Clamp(reach - Math.Sqrt((ex * ex) + (ey * ey)), 0, 1);
                if (cover > 0)
                {
                    var pixel = row.Slice(3 * x, 3);
                    pixel[0] = Blend(pixel[0], colour.R, cover);
                    pixel[1] = Blend(pixel[1], colour.G, cover);
                    pixel[2] = Blend(pixel[2], colour.B, cover);
                }
            }
        }
    }

    private static byte Blend(byte under, byte over, double cover) => (byte)Math.Round(under + ((over - under) * cover));
}
