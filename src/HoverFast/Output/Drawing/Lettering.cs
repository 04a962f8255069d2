using HoverFast.Slides;
using SkiaSharp;

namespace HoverFast.Output.Drawing;

/// <summary>
/// Writes words into pictures in a typeface that the program brings along (the Latin letters of Roboto, Apache License 2.0), since many Linux machines
/// have no font that this build of Skia finds.
/// </summary>
internal static class Lettering
{
    private static readonly Lazy<SKTypeface> _typeface = new(NewTypeface);

    /// <summary>The typeface, made anew.</summary>
    public static SKTypeface NewTypeface()
    {
        using var stream = typeof(Lettering).Assembly.GetManifestResourceStream("Roboto-Latin.ttf")!;
        return SKTypeface.FromStream(stream);
    }

    /// <summary>Writes a line.</summary>
    /// <param name="picture">Is written into.</param>
    /// <param name="text">The line; what the typeface lacks shows as a box.</param>
    /// <param name="x">Left edge in pixels.</param>
    /// <param name="baseline">Baseline in pixels from above.</param>
    /// <param name="size">Height of the letters' em in pixels.</param>
    /// <param name="colour">Colour of the letters.</param>
    public static void Write(RgbImage picture, string text, int x, int baseline, float size, (byte R, byte G, byte B) colour)
    {
        using var font = new SKFont(_typeface.Value, size);
        using var bitmap = new SKBitmap(new SKImageInfo(picture.Width, (int)Math.Ceiling(size * 1.5), SKColorType.Alpha8));
        using (var canvas = new SKCanvas(bitmap))
        using (var paint = new SKPaint { IsAntialias = true, Color = SKColors.White })
        {
            canvas.DrawText(text, x, size, SKTextAlign.Left, font, paint);
        }

        var cover = bitmap.GetPixelSpan();
        for (var row = 0; row < bitmap.Height; row++)
        {
            var y = baseline - (int)size + row;
            if (y < 0 || y >= picture.Height)
            {
                continue;
            }

            var line = picture.Row(y);
            for (var column = 0; column < bitmap.Width; column++)
            {
                var alpha = cover[(row * bitmap.RowBytes) + column] / 255f;
                if (alpha > 0)
                {
                    var pixel = line.Slice(column * 3, 3);
                    pixel[0] = Mixed(pixel[0], colour.R, alpha);
                    pixel[1] = Mixed(pixel[1], colour.G, alpha);
                    pixel[2] = Mixed(pixel[2], colour.B, alpha);
                }
            }
        }
    }

    private static byte Mixed(byte under, byte over, float alpha) => (byte)MathF.Round(under + ((over - under) * alpha));
}
