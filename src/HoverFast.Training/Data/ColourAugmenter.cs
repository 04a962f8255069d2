using HoverFast.Stains;
using SkiaSharp;

namespace HoverFast.Training.Data;

/// <summary>Varies a crop's colours and sharpness the way laboratories and scanners do.</summary>
internal static class ColourAugmenter
{
    private const double LeastSharpenSigma = 0.8;
    private static readonly StainMatrix _stains = StainMatrix.HaematoxylinEosinDab;

    public static void Apply(Crop crop, Augmentation a, Random random)
    {
        if (random.NextDouble() < a.PlainShare)
        {
            return;
        }

        JitterStains(crop.Rgb, a, random);
        if (random.NextDouble() < a.BlurShare)
        {
            Blur(crop, (float)(0.3 + (random.NextDouble() * (a.BlurSigma - 0.3))), 1);
        }
        else if (random.NextDouble() < a.SharpenShare)
        {
            var strength = 0.3 + random.NextDouble();
            var sigma = LeastSharpenSigma + (random.NextDouble() * Math.Max(0, a.SharpenSigma - LeastSharpenSigma));
            Blur(crop, (float)sigma, -(float)strength);
        }

        Tone(crop.Rgb, a, random);
        if (random.NextDouble() < a.NoiseShare)
        {
            Noise(crop.Rgb, (float)(random.NextDouble() * 0.04), random);
        }

        if (random.NextDouble() < a.JpegShare)
        {
            Jpeg(crop, random.Next(30, 91));
        }
    }

    private static void JitterStains(float[] rgb, Augmentation a, Random random)
    {
        // One 3x3 matrix on optical densities does unmixing, scaling and mixing at once.
        Span<double> scale = stackalloc double[3];
        Span<double> shift = stackalloc double[3];
        for (var s = 0; s < 3; s++)
        {
            scale[s] = Math.Exp(Normal(random) * a.Stain);
            shift[s] = ((random.NextDouble() * 2) - 1) * a.StainShift;
        }

        var m = new float[3, 3];
        var offset = new float[3];
        for (var c = 0; c < 3; c++)
        {
            for (var s = 0; s < 3; s++)
            {
                offset[c] += (float)(shift[s] * _stains.Density(s)[c]);
                for (var k = 0; k < 3; k++)
                {
                    m[k, c] += (float)(_stains.Weights(s)[k] * scale[s] * _stains.Density(s)[c]);
                }
            }
        }

        for (var i = 0; i < rgb.Length; i += 3)
        {
            var r = -MathF.Log(MathF.Max(rgb[i], 1 / 255f));
            var g = -MathF.Log(MathF.Max(rgb[i + 1], 1 / 255f));
            var b = -MathF.Log(MathF.Max(rgb[i + 2], 1 / 255f));
            for (var c = 0; c < 3; c++)
            {
                var density = (r * m[0, c]) + (g * m[1, c]) + (b * m[2, c]) + offset[c];
                rgb[i + c] = Math.Clamp(MathF.Exp(-density), 0, 1);
            }
        }
    }

    private static void Tone(float[] rgb, Augmentation a, Random random)
    {
        var contrast = (float)(1 + (((random.NextDouble() * 2) - 1) * a.Contrast));
        var brightness = (float)(((random.NextDouble() * 2) - 1) * a.Contrast / 2);
        var gamma = (float)Math.Exp(Normal(random) * a.Gamma);
        Span<float> cast = stackalloc float[3];
        for (var c = 0; c < 3; c++)
        {
            cast[c] = (float)(1 + (((random.NextDouble() * 2) - 1) * a.ColourCast));
        }

        for (var i = 0; i < rgb.Length; i++)
        {
            var value = Math.Clamp(((rgb[i] - 0.5f) * contrast * cast[i % 3]) + 0.5f + brightness, 0, 1);
            rgb[i] = MathF.Pow(value, gamma);
        }
    }

    // amount 1: blurred; negative: sharpened by that much (unsharp masking).
    private static void Blur(Crop crop, float sigma, float amount)
    {
        var reach = Math.Max(1, (int)MathF.Ceiling(2.5f * sigma));
        var kernel = new float[(2 * reach) + 1];
        var sum = 0f;
        for (var k = -reach; k <= reach; k++)
        {
            sum += kernel[k + reach] = MathF.Exp(-k * k / (2 * sigma * sigma));
        }

        var side = crop.Size;
        var rows = new float[crop.Rgb.Length];
        var blurred = new float[crop.Rgb.Length];
        Pass(crop.Rgb, rows, 1, side);
        Pass(rows, blurred, side, 1);
        for (var i = 0; i < blurred.Length; i++)
        {
            crop.Rgb[i] = Math.Clamp(crop.Rgb[i] + (amount * (blurred[i] - crop.Rgb[i])), 0, 1);
        }

        void Pass(float[] from, float[] to, int along, int across)
        {
            for (var line = 0; line < side; line++)
            {
                for (var p = 0; p < side; p++)
                {
                    for (var c = 0; c < 3; c++)
                    {
                        var total = 0f;
                        for (var k = -reach; k <= reach; k++)
                        {
                            var q = Math.Clamp(p + k, 0, side - 1);
                            total += kernel[k + reach] * from[(((line * across) + (q * along)) * 3) + c];
                        }

                        to[(((line * across) + (p * along)) * 3) + c] = total / sum;
                    }
                }
            }
        }
    }

    private static void Noise(float[] rgb, float sigma, Random random)
    {
        for (var i = 0; i < rgb.Length; i++)
        {
            // Sum of three uniforms: close enough to normal and much cheaper.
            var n = random.NextSingle() + random.NextSingle() + random.NextSingle() - 1.5f;
            rgb[i] = Math.Clamp(rgb[i] + (2 * sigma * n), 0, 1);
        }
    }

    private static void Jpeg(Crop crop, int quality)
    {
        var side = crop.Size;
        using var bitmap = new SKBitmap(new SKImageInfo(side, side, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var pixels = bitmap.GetPixelSpan();
        for (var i = 0; i < side * side; i++)
        {
            for (var c = 0; c < 3; c++)
            {
                pixels[(i * 4) + c] = (byte)((crop.Rgb[(i * 3) + c] * 255) + 0.5f);
            }

            pixels[(i * 4) + 3] = 255;
        }

        using var encoded = bitmap.Encode(SKEncodedImageFormat.Jpeg, quality);
        using var decoded = SKBitmap.Decode(encoded.AsSpan(), bitmap.Info);
        var result = decoded.GetPixelSpan();
        for (var i = 0; i < side * side; i++)
        {
            for (var c = 0; c < 3; c++)
            {
                crop.Rgb[(i * 3) + c] = result[(i * 4) + c] / 255f;
            }
        }
    }

    private static double Normal(Random random)
    {
        // Box and Muller, cut at 2 sigma so that no crop turns absurd.
        var n = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
        return Math.Clamp(n, -2, 2);
    }
}
