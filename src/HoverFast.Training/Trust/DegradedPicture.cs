using HoverFast.Slides;
using HoverFast.Stains;
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
        Degradation.Blur or Degradation.Defocus => Blur(picture, strength),
        Degradation.Jpeg => Jpeg(picture, (int)strength),
        Degradation.Fade => Densities(picture, strength, strength, strength),
        Degradation.Turn => Densities(picture, strength, 1, 1 / strength),
        Degradation.Noise => Noise(picture, strength, new Random(seed)),
        Degradation.Contrast => EachValue(picture, v => ((v - 128) * strength) + 128),
        Degradation.Invert => EachValue(picture, v => 255 - v),
        Degradation.Ihc => Brown(picture),
        Degradation.Texture => Texture(picture.Size, new Random(seed)),
        Degradation.Purple => Purple(picture),
        Degradation.Fold => DrawnArtefact.Fold(picture, strength, new Random(seed)),
        Degradation.Bubble => DrawnArtefact.Bubble(picture, strength, new Random(seed)),
        Degradation.Dust => DrawnArtefact.Dust(picture, strength, new Random(seed)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    private static RgbImage Densities(RgbImage picture, double red, double green, double blue)
    {
        double[] factors = [red, green, blue];
        var tables = Array.ConvertAll(factors, f =>
            Enumerable.Range(0, 256).Select(v => (byte)Math.Clamp(Math.Round(255 * Math.Pow(Math.Max(v, 1) / 255.0, f)), 0, 255)).ToArray());
        var copy = new RgbImage(picture.Width, picture.Height);
        for (var i = 0; i < copy.Span.Length; i++)
        {
            copy.Pixels[i] = tables[i % 3][picture.Pixels[i]];
        }

        return copy;
    }

    /// <summary>Takes the densities of haematoxylin and eosin apart and puts DAB in eosin's place.</summary>
    private static RgbImage Brown(RgbImage picture)
    {
        var copy = new RgbImage(picture.Width, picture.Height);
        var stains = StainMatrix.WithRest(StainVectors.Haematoxylin, StainVectors.Eosin);
        for (var i = 0; i < copy.Span.Length; i += 3)
        {
            double haematoxylin = 0, eosin = 0;
            for (var c = 0; c < 3; c++)
            {
                haematoxylin += OpticalDensity.Decadic[picture.Span[i + c]] * stains.Weights(0)[c];
                eosin += OpticalDensity.Decadic[picture.Span[i + c]] * stains.Weights(1)[c];
            }

            for (var c = 0; c < 3; c++)
            {
                var density = (Math.Max(0, haematoxylin) * StainVectors.Haematoxylin[c]) + (Math.Max(0, eosin) * StainVectors.Dab[c]);
                copy.Span[i + c] = OfDensity(density);
            }
        }

        return copy;
    }

    /// <summary>The value of a decadic optical density.</summary>
    internal static byte OfDensity(double density) => (byte)Math.Clamp(Math.Round(255 * Math.Pow(10, -density)), 0, 255);

    /// <summary>Puts the mean density of each pixel into one stain.</summary>
    private static RgbImage Purple(RgbImage picture)
    {
        // Shares of the mean density as they are in the purple pictures of the Data Science Bowl 2018.
        double[] purple = [0.96, 1.53, 0.51];
        var copy = new RgbImage(picture.Width, picture.Height);
        for (var i = 0; i < copy.Span.Length; i += 3)
        {
            var table = OpticalDensity.Decadic;
            var density = (table[picture.Span[i]] + table[picture.Span[i + 1]] + table[picture.Span[i + 2]]) / 3;
            for (var c = 0; c < 3; c++)
            {
                copy.Span[i + c] = OfDensity(density * purple[c]);
            }
        }

        return copy;
    }

    /// <summary>A grid of random values, blended between, from one colour to another.</summary>
    private static RgbImage Texture(PixelSize size, Random random)
    {
        var cell = random.Next(6, 40);
        var grid = new double[(size.Width / cell) + 2, (size.Height / cell) + 2];
        for (var i = 0; i < grid.GetLength(0); i++)
        {
            for (var j = 0; j < grid.GetLength(1); j++)
            {
                grid[i, j] = random.NextDouble();
            }
        }

        int[] from = [random.Next(256), random.Next(256), random.Next(256)];
        int[] to = [random.Next(256), random.Next(256), random.Next(256)];
        var picture = new RgbImage(size.Width, size.Height);
        for (var y = 0; y < size.Height; y++)
        {
            for (var x = 0; x < size.Width; x++)
            {
                var (i, j, u, v) = (x / cell, y / cell, (double)(x % cell) / cell, (double)(y % cell) / cell);
                var upper = grid[i, j] + (u * (grid[i + 1, j] - grid[i, j]));
                var lower = grid[i, j + 1] + (u * (grid[i + 1, j + 1] - grid[i, j + 1]));
                var share = upper + (v * (lower - upper));
                for (var c = 0; c < 3; c++)
                {
                    picture.Row(y)[(3 * x) + c] = (byte)Math.Round(from[c] + (share * (to[c] - from[c])));
                }
            }
        }

        return picture;
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

    /// <summary>Blurs a picture by a Gaussian.</summary>
    internal static RgbImage Blur(RgbImage picture, double sigma) => Through(picture, bitmap =>
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
