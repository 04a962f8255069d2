using HoverFast.Slides;
using SkiaSharp;

namespace HoverFast.Training.Trust;

/// <summary>Makes a picture worse in one of the ways in which slides go wrong.</summary>
internal static class DegradedPicture
{
    /// <summary>Makes a copy.</summary>
    /// <param name="picture">The picture; it is left as it is.</param>
    /// <param name="kind">What goes wrong.</param>
    /// <param name="strength">How much, in the unit that <see cref="Degradation"/> tells.</param>
    /// <param name="seed">Of the noise.</param>
    public static RgbImage Of(RgbImage picture, Degradation kind, double strength, int seed = 1) => kind switch
    {
        Degradation.None or Degradation.Scale => picture,
        Degradation.Blur => Blur(picture, strength),
        Degradation.Jpeg => Jpeg(picture, (int)strength),
        Degradation.Fade => Densities(picture, strength, strength, strength),
        Degradation.Turn => Densities(picture, strength, 1, 1 / strength),
        Degradation.Noise => Noise(picture, strength, new Random(seed)),
        Degradation.Contrast => EachValue(picture, v => ((v - 128) * strength) + 128),
        Degradation.Invert => EachValue(picture, v => 255 - v),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static RgbImage Densities(RgbImage picture, double red, double green, double blue)
    {
        double[] factors = [red, green, blue];
        var tables = Array.ConvertAll(factors, f => Enumerable.Range(0, 256).Select(v => (byte)Math.Clamp(Math.Round(255 * Math.Pow(Math.Max(v, 1) / 255.0, f)), 0, 255)).ToArray());
        var copy = new RgbImage(picture.Width, picture.Height);
        for (var i = 0; i < copy.Span.Length; i++)
        {
            copy.Pixels[i] = tables[i % 3][picture.Pixels[i]];
        }

        return copy;
    }

    private static RgbImage EachValue(RgbImage picture, Func<double, double> change)
    {
        var table = Enumerable.Range(0, 256).Select(v => (byte)Math.Clamp(Math.Round(change(v)), 0, 255)).ToArray();
        return new RgbImage(picture.Width, picture.Height, Array.ConvertAll(picture.Span.ToArray(), v => table[v]));
    }

    private static RgbImage Noise(RgbImage picture, double sigma, Random random)
    {
        var copy = new RgbImage(picture.Width, picture.Height);
        for (var i = 0; i < copy.Span.Length; i++)
        {
            // A sum of four uniforms is close to normal; its deviation is 1 / sqrt(3).
            var normal = (random.NextDouble() + random.NextDouble() + random.NextDouble() + random.NextDouble() - 2) * Math.Sqrt(3);
            copy.Pixels[i] = (byte)Math.Clamp(Math.Round(picture.Pixels[i] + (sigma * normal)), 0, 255);
        }

        return copy;
    }

    private static RgbImage Blur(RgbImage picture, double sigma) => Through(picture, bitmap =>
    {
        using var filter = SKImageFilter.CreateBlur((float)sigma, (float)sigma, SKShaderTileMode.Mirror);
        using var paint = new SKPaint { ImageFilter = filter };
        var blurred = new SKBitmap(bitmap.Info);
        using var canvas = new SKCanvas(blurred);
        canvas.DrawBitmap(bitmap, 0, 0, SKSamplingOptions.Default, paint);
        canvas.Flush();
        return blurred;
    });

    private static RgbImage Jpeg(RgbImage picture, int quality) => Through(picture, bitmap =>
    {
        using var encoded = bitmap.Encode(SKEncodedImageFormat.Jpeg, quality);
        return SKBitmap.Decode(encoded.AsSpan(), bitmap.Info);
    });

    private static RgbImage Through(RgbImage picture, Func<SKBitmap, SKBitmap> work)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(picture.Width, picture.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var from = bitmap.GetPixelSpan();
        for (var i = 0; i < picture.Width * picture.Height; i++)
        {
            picture.Pixels.AsSpan(3 * i, 3).CopyTo(from[(4 * i)..]);
            from[(4 * i) + 3] = 255;
        }

        using var result = work(bitmap);
        var to = result.GetPixelSpan();
        var copy = new RgbImage(picture.Width, picture.Height);
        for (var i = 0; i < picture.Width * picture.Height; i++)
        {
            to.Slice(4 * i, 3).CopyTo(copy.Pixels.AsSpan(3 * i));
        }

        return copy;
    }
}
