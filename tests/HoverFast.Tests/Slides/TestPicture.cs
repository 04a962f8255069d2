using HoverFast.Slides;
using SkiaSharp;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>Small pictures that tests write and read back.</summary>
internal static class TestPicture
{
    /// <summary>A smooth coloured picture with some texture, the same for the same seed.</summary>
    public static RgbImage Make(int width, int height, int seed = 1)
    {
        var image = new RgbImage(width, height);
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var at = ((y * width) + x) * 3;
                image.Pixels[at] = (byte)(140 + (80 * Math.Sin((x + seed) / 9.0)) + ((x * 7) + (y * 3)) % 11);
                image.Pixels[at + 1] = (byte)(120 + (90 * Math.Cos((y - seed) / 7.0)) + ((x * 5) + y) % 7);
                image.Pixels[at + 2] = (byte)(150 + (70 * Math.Sin((x + y) / 13.0)) + (x * y) % 5);
            }
        }

        return image;
    }

    /// <summary>The picture as JPEG bytes (YCbCr, a JFIF stream).</summary>
    /// <param name="image">The picture.</param>
    /// <param name="quality">1 to 100.</param>
    /// <param name="fullChroma">Keeps Cb and Cr at full size.</param>
    public static byte[] Jpeg(RgbImage image, int quality = 90, bool fullChroma = false)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(image.Width, image.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (var y = 0; y < image.Height; y++)
        {
            for (var x = 0; x < image.Width; x++)
            {
                var p = image.Row(y).Slice(x * 3, 3);
                bitmap.SetPixel(x, y, new SKColor(p[0], p[1], p[2]));
            }
        }

        using var pixels = bitmap.PeekPixels();
        using var data = pixels.Encode(
            new SKJpegEncoderOptions(
                quality,
                fullChroma ? SKJpegEncoderDownsample.Downsample444 : SKJpegEncoderDownsample.Downsample420,
                SKJpegEncoderAlphaOption.Ignore));
        return data!.ToArray();
    }

    /// <summary>One shade as JPEG bytes of one component.</summary>
    public static byte[] GrayJpeg(byte[] shades, int width, int height)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque));
        for (var y = 0; y < height; y++)
        {
            shades.AsSpan(y * width, width).CopyTo(bitmap.GetPixelSpan()[(y * bitmap.RowBytes)..]);
        }

        using var data = bitmap.Encode(SKEncodedImageFormat.Jpeg, 95);
        return data.ToArray();
    }

    /// <summary>A picture that lies among the tests, as it is stored.</summary>
    public static byte[] Embedded(string name)
    {
        using var stream = typeof(TestPicture).Assembly.GetManifestResourceStream("Pictures/" + name)!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    /// <summary>A part of a picture; white outside.</summary>
    public static RgbImage Crop(RgbImage image, PixelRect region)
    {
        var crop = new RgbImage(region.Width, region.Height);
        crop.Span.Fill(255);
        for (var y = 0; y < region.Height; y++)
        {
            for (var x = 0; x < region.Width; x++)
            {
                if (region.X + x >= 0 && region.X + x < image.Width && region.Y + y >= 0 && region.Y + y < image.Height)
                {
                    image.Row(region.Y + y).Slice((region.X + x) * 3, 3).CopyTo(crop.Row(y)[(x * 3)..]);
                }
            }
        }

        return crop;
    }

    /// <summary>Reads a region of level 0.</summary>
    public static RgbImage Read(ISlide slide, PixelRect region, int level = 0, int reduction = 1)
    {
        var image = new RgbImage(region.Width, region.Height);
        slide.Read(level, reduction, region, image);
        return image;
    }

    /// <summary>Reads a whole level.</summary>
    public static RgbImage ReadLevel(ISlide slide, int level = 0, int reduction = 1)
    {
        var size = slide.Levels[level].Size;
        return Read(slide, new PixelRect(0, 0, (size.Width + reduction - 1) / reduction, (size.Height + reduction - 1) / reduction), level, reduction);
    }

    public static void AssertSame(RgbImage expected, RgbImage actual)
    {
        Assert.Equal(expected.Size, actual.Size);
        Assert.True(expected.Span.SequenceEqual(actual.Span), $"pixels differ, first at byte {expected.Span.CommonPrefixLength(actual.Span)}");
    }

    /// <summary>Asserts that the mean absolute difference is small.</summary>
    public static void AssertClose(RgbImage expected, RgbImage actual, double mean)
    {
        Assert.Equal(expected.Size, actual.Size);
        var difference = MeanDifference(expected, actual);
        Assert.True(difference <= mean, $"pixels differ by {difference:0.00} on average, {mean} allowed");
    }

    public static double MeanDifference(RgbImage a, RgbImage b)
    {
        long sum = 0;
        for (var i = 0; i < a.Span.Length; i++)
        {
            sum += Math.Abs(a.Span[i] - b.Span[i]);
        }

        return (double)sum / a.Span.Length;
    }
}
