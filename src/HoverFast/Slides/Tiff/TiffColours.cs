using System.Runtime.InteropServices;
using HoverFast.Slides.Jpeg2000;

namespace HoverFast.Slides.Tiff;

/// <summary>Makes RGB of a page's samples.</summary>
/// <param name="samples">How they are stored.</param>
internal sealed class TiffColours(TiffSamples samples)
{
    /// <summary>Bits of a 16-bit sample that are used, of all pages alike: programs store 8, 10 or 12 bits in 16 without a word.</summary>
    public int UsedBits { get; set; } = 16;

    /// <summary>Whether it is a mask: then transparent pixels are black, which is nothing, and aren't laid over white.</summary>
    public bool IsMask { get; set; }

    /// <summary>Converts a tile or strip; rows that it doesn't hold become white.</summary>
    /// <param name="raw">Samples, interleaved, in the machine's byte order; they are changed.</param>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows in <paramref name="raw"/>.</param>
    /// <param name="rgb">Takes the pixels.</param>
    public void Convert(Span<byte> raw, int width, int height, Span<byte> rgb)
    {
        var pixels = width * height;
        rgb[(pixels * 3)..].Fill(255);
        if (samples.Bits == 16)
        {
            Narrow(raw);
        }

        if (samples.Photometric == 3)
        {
            for (int i = 0, o = 0; i < pixels; i++, o += 3)
            {
                samples.Palette.AsSpan(raw[i] * 3, 3).CopyTo(rgb[o..]);
            }
        }
        else if (samples.Bits == 1)
        {
            BilevelToRgb(raw, width, height, rgb);
        }
        else if (samples.Photometric is 0 or 1)
        {
            var flip = samples.Photometric == 0 ? (byte)255 : (byte)0;
            for (int i = 0, o = 0, n = 0; n < pixels; n++, i += samples.Count, o += 3)
            {
                rgb.Slice(o, 3).Fill((byte)(raw[i] ^ flip));
            }
        }
        else if (samples.Count == 3)
        {
            raw[..(pixels * 3)].CopyTo(rgb);
            if (samples.IsYCbCr)
            {
                // Streams that hold all samples are converted as they are decoded; planes are together only here.
                Jpeg2000Decoder.YCbCrToRgb(rgb[..(pixels * 3)]);
            }
        }
        else
        {
            for (int i = 0, o = 0, n = 0; n < pixels; n++, i += samples.Count, o += 3)
            {
                raw.Slice(i, 3).CopyTo(rgb[o..]);
            }
        }

        if (samples.Alpha >= 0)
        {
            ApplyAlpha(raw, pixels, rgb);
        }
    }

    /// <summary>Brings 16-bit samples to 8 bits, in place: the highest eight of those that are used.</summary>
    private void Narrow(Span<byte> raw)
    {
        var values = MemoryMarshal.Cast<byte, ushort>(raw);
        var shift = UsedBits - 8;
        for (var i = 0; i < values.Length; i++)
        {
            raw[i] = (byte)Math.Min(255, values[i] >> shift);
        }
    }

    private void BilevelToRgb(ReadOnlySpan<byte> raw, int width, int height, Span<byte> rgb)
    {
        var rowBytes = (int)samples.RowBytes(width);
        var white = samples.Photometric == 0 ? 0 : 1;
        for (int y = 0, o = 0; y < height; y++)
        {
            var row = raw.Slice(y * rowBytes, rowBytes);
            for (var x = 0; x < width; x++, o += 3)
            {
                var bit = (row[x >> 3] >> (7 - (x & 7))) & 1;
                rgb.Slice(o, 3).Fill(bit == white ? (byte)255 : (byte)0);
            }
        }
    }

    private void ApplyAlpha(ReadOnlySpan<byte> raw, int pixels, Span<byte> rgb)
    {
        for (int i = samples.Alpha, o = 0, n = 0; n < pixels; n++, i += samples.Count, o += 3)
        {
            if (!IsMask)
            {
                RgbaToRgb.OverWhite(rgb.Slice(o, 3), raw[i], samples.IsPremultiplied);
            }
            else if (raw[i] < 128)
            {
                rgb.Slice(o, 3).Clear();
            }
        }
    }
}
