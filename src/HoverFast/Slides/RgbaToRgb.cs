using System.Runtime.Intrinsics;
using SkiaSharp;

namespace HoverFast.Slides;

/// <summary>Between three channels and the four that Skia works with.</summary>
internal static class RgbaToRgb
{
    /// <summary>Copies R, G, B and drops the fourth byte.</summary>
    public static void Convert(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        var i = 0;
        var o = 0;
        if (Vector128.IsHardwareAccelerated)
        {
            var pick = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
            for (; i + 16 <= rgba.Length && o + 16 <= rgb.Length; i += 16, o += 12)
            {
                Vector128.Shuffle(Vector128.Create(rgba.Slice(i, 16)), pick).CopyTo(rgb[o..]);
            }
        }

        ConvertScalar(rgba[i..], rgb[o..]);
    }

    /// <summary>As <see cref="Convert"/>, plainly.</summary>
    public static void ConvertScalar(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (int i = 0, o = 0; i + 4 <= rgba.Length; i += 4, o += 3)
        {
            rgb[o] = rgba[i];
            rgb[o + 1] = rgba[i + 1];
            rgb[o + 2] = rgba[i + 2];
        }
    }

    /// <summary>Fills a four-channel bitmap of the same size.</summary>
    public static unsafe void Expand(ReadOnlySpan<byte> rgb, SKBitmap bitmap)
    {
        for (var y = 0; y < bitmap.Height; y++)
        {
            var row = rgb.Slice(y * bitmap.Width * 3, bitmap.Width * 3);
            var to = new Span<byte>((byte*)bitmap.GetPixels() + ((long)y * bitmap.RowBytes), bitmap.Width * 4);
            for (int i = 0, o = 0; i < row.Length; i += 3, o += 4)
            {
                to[o] = row[i];
                to[o + 1] = row[i + 1];
                to[o + 2] = row[i + 2];
                to[o + 3] = 255;
            }
        }
    }

    /// <summary>Lays one pixel over white.</summary>
    /// <param name="rgb">Its three bytes.</param>
    /// <param name="alpha">0 transparent to 255 opaque.</param>
    /// <param name="isPremultiplied">Whether its bytes are multiplied by alpha already.</param>
    public static void OverWhite(Span<byte> rgb, byte alpha, bool isPremultiplied)
    {
        foreach (ref var value in rgb)
        {
            value = isPremultiplied ? (byte)Math.Min(255, value + 255 - alpha) : Blend(value, alpha);
        }
    }

    /// <summary>Lays pixels with straight (not premultiplied) alpha over white.</summary>
    public static void OverWhite(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (int i = 0, o = 0; i + 4 <= rgba.Length; i += 4, o += 3)
        {
            var alpha = rgba[i + 3];
            rgb[o] = Blend(rgba[i], alpha);
            rgb[o + 1] = Blend(rgba[i + 1], alpha);
            rgb[o + 2] = Blend(rgba[i + 2], alpha);
        }
    }

    private static byte Blend(int value, int alpha) => (byte)(((value * alpha) + (255 * (255 - alpha)) + 127) / 255);
}
