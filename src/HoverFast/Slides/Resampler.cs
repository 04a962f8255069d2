using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace HoverFast.Slides;

/// <summary>
/// Shrinks RGB pixels by averaging over areas, or enlarges them bilinearly. Weights follow from a pixel's absolute position, and all sums are
/// whole numbers, so that a pixel's value depends neither on the rectangle asked for nor on the vector unit.
/// </summary>
internal static class Resampler
{
    private const int WeightBits = 14;
    private const int WeightOne = 1 << WeightBits;

    // Between the passes a sample keeps six bits behind the point.
    private const int MiddleShift = WeightBits - 6;
    private const int FinalShift = WeightBits + 6;

    /// <summary>For each pixel of a range: which source pixels make it, and with which weights.</summary>
    internal sealed class Kernel
    {
        private Kernel(int taps, int[] first, short[] weights)
        {
            Taps = taps;
            First = first;
            Weights = weights;
        }

        /// <summary>Source pixels per pixel, the same for all (unused ones weigh 0).</summary>
        public int Taps { get; }

        /// <summary>The first source pixel of each.</summary>
        public int[] First { get; }

        /// <summary>The weights, <see cref="Taps"/> for each; they sum to 2^14.</summary>
        public short[] Weights { get; }

        /// <summary>One past the last source pixel used.</summary>
        public int End => First[^1] + Taps;

        /// <summary>Makes the weights.</summary>
        /// <param name="start">First pixel, on the absolute grid.</param>
        /// <param name="count">How many.</param>
        /// <param name="ratio">Source pixels in a pixel; below 1 enlarges.</param>
        /// <param name="sourceSize">Source pixels of the slide: an enlarged border repeats the outermost.</param>
        /// <param name="gridSize">Pixels of the slide.</param>
        public static Kernel Make(int start, int count, double ratio, int sourceSize, int gridSize)
        {
            var taps = ratio < 1 ? 2 : (int)Math.Ceiling(ratio) + 1;
            var first = new int[count];
            var weights = new short[count * taps];
            for (var n = 0; n < count; n++)
            {
                var i = start + n;
                var w = weights.AsSpan(n * taps, taps);
                first[n] = ratio < 1
                    ? Interpolate(i, ratio, sourceSize, i >= 0 && i < gridSize, w)
                    : Average(i, ratio, w);
            }

            return new Kernel(taps, first, weights);
        }

        private static int Interpolate(int i, double ratio, int sourceSize, bool inside, Span<short> w)
        {
            var centre = ((i + 0.5) * ratio) - 0.5;
            if (inside)
            {
                centre = Math.Clamp(centre, 0, sourceSize - 1);
            }

            var first = (int)Math.Floor(centre);
            var second = (int)Math.Round((centre - first) * WeightOne);
            w[0] = (short)(WeightOne - second);
            w[1] = (short)second;
            return first;
        }

        private static int Average(int i, double ratio, Span<short> w)
        {
            var from = i * ratio;
            var to = (i + 1) * ratio;
            var first = (int)Math.Floor(from + 1e-9);
            var before = 0;
            for (var t = 0; t < w.Length; t++)
            {
                // Rounding the running sum keeps the total exact.
                var until = (int)Math.Round(Math.Clamp((first + t + 1 - from) / (to - from), 0, 1) * WeightOne);
                w[t] = (short)(until - before);
                before = until;
            }

            w[^1] += (short)(WeightOne - before);
            return first;
        }
    }

    /// <summary>Resamples rows.</summary>
    /// <param name="source">The source, whose pixel (0,0) is (<paramref name="sourceX"/>, <paramref name="sourceY"/>) on the source's absolute grid.</param>
    /// <param name="sourceX">See <paramref name="source"/>.</param>
    /// <param name="sourceY">See <paramref name="source"/>.</param>
    /// <param name="horizontal">Weights of all columns of <paramref name="destination"/>.</param>
    /// <param name="vertical">Weights of all rows.</param>
    /// <param name="firstRow">The first row to make.</param>
    /// <param name="rows">How many.</param>
    /// <param name="middle">Scratch for source rows x destination width x 3 (+ 8) samples.</param>
    /// <param name="destination">Takes the rows.</param>
    /// <param name="vectors">Whether to use the vector unit; the result is the same.</param>
    public static void Resample(
        RgbImage source,
        int sourceX,
        int sourceY,
        Kernel horizontal,
        Kernel vertical,
        int firstRow,
        int rows,
        Span<ushort> middle,
        RgbImage destination,
        bool vectors)
    {
        var row = destination.Width * 3;
        var top = vertical.First[firstRow];
        var bottom = vertical.First[firstRow + rows - 1] + vertical.Taps;
        for (var y = top; y < bottom; y++)
        {
            Horizontal(source.Row(y - sourceY), sourceX, horizontal, middle.Slice((y - top) * row, row), vectors);
        }

        for (var r = firstRow; r < firstRow + rows; r++)
        {
            var from = middle[((vertical.First[r] - top) * row)..];
            Vertical(from, row, vertical.Weights.AsSpan(r * vertical.Taps, vertical.Taps), destination.Row(r), vectors);
        }
    }

    /// <summary>Means of 2 x 2 pixels.</summary>
    public static void Halve(ReadOnlySpan<byte> upper, ReadOnlySpan<byte> lower, Span<byte> destination, bool vectors)
    {
        var o = 0;
        if (vectors && Vector128.IsHardwareAccelerated)
        {
            // 16 bytes hold five pixels, of which two pairs are used; 8 bytes are stored, of which six stay.
            for (; o + 8 <= destination.Length && (o * 2) + 16 <= upper.Length; o += 6)
            {
                var sum = PairSums(upper[(o * 2)..]) + PairSums(lower[(o * 2)..]) + Vector128.Create((ushort)2);
                var mean = Vector128.Narrow(sum >>> 2, Vector128<ushort>.Zero);
                Unsafe.WriteUnaligned(ref destination[o], mean.AsUInt64().ToScalar());
            }
        }

        for (; o < destination.Length; o++)
        {
            var i = (o / 3 * 6) + (o % 3);
            destination[o] = (byte)((upper[i] + upper[i + 3] + lower[i] + lower[i + 3] + 2) >> 2);
        }
    }

    /// <summary>Means of 4 x 4 pixels.</summary>
    /// <param name="source">Four rows.</param>
    /// <param name="stride">Bytes from one to the next.</param>
    /// <param name="destination">Takes the means.</param>
    /// <param name="vectors">Whether to use the vector unit; the result is the same.</param>
    public static void Quarter(ReadOnlySpan<byte> source, int stride, Span<byte> destination, bool vectors)
    {
        var o = 0;
        if (vectors && Vector128.IsHardwareAccelerated)
        {
            for (; o + 3 <= destination.Length && (o * 4) + 16 <= stride; o += 3)
            {
                var i = o * 4;
                var sum =
                    PairSums(source[i..]) + PairSums(source[(i + stride)..]) + PairSums(source[(i + (2 * stride))..]) + PairSums(source[(i + (3 * stride))..]);
                destination[o] = (byte)((sum[0] + sum[3] + 8) >> 4);
                destination[o + 1] = (byte)((sum[1] + sum[4] + 8) >> 4);
                destination[o + 2] = (byte)((sum[2] + sum[5] + 8) >> 4);
            }
        }

        for (; o < destination.Length; o++)
        {
            var sum = 8;
            for (var k = 0; k < 16; k++)
            {
                sum += source[(k / 4 * stride) + (o / 3 * 12) + (k % 4 * 3) + (o % 3)];
            }

            destination[o] = (byte)(sum >> 4);
        }
    }

    /// <summary>The sums of pixels 0 and 1 (lanes 0 to 2) and of pixels 2 and 3 (lanes 3 to 5).</summary>
    private static Vector128<ushort> PairSums(ReadOnlySpan<byte> pixels)
    {
        const byte No = 255;
        var v = Vector128.Create(pixels[..16]);
        var even = Vector128.Shuffle(v, Vector128.Create((byte)0, No, 1, No, 2, No, 6, No, 7, No, 8, No, No, No, No, No)).AsUInt16();
        var odd = Vector128.Shuffle(v, Vector128.Create((byte)3, No, 4, No, 5, No, 9, No, 10, No, 11, No, No, No, No, No)).AsUInt16();
        return even + odd;
    }

    private static void Horizontal(ReadOnlySpan<byte> source, int sourceX, Kernel kernel, Span<ushort> middle, bool vectors)
    {
        var taps = kernel.Taps;
        var n = 0;
        if (vectors && Vector128.IsHardwareAccelerated)
        {
            var half = Vector128.Create(1 << (MiddleShift - 1));
            for (; n < kernel.First.Length; n++)
            {
                var at = (kernel.First[n] - sourceX) * 3;
                if (at + (taps * 3) + 1 > source.Length || (n * 3) + 4 > middle.Length)
                {
                    break;
                }

                var sum = half;
                for (var t = 0; t < taps; t++)
                {
                    // Three channels and one byte of the next pixel, which is dropped.
                    var four = Vector128.CreateScalar(MemoryMarshal.Read<uint>(source[(at + (t * 3))..])).AsByte();
                    sum += Vector128.WidenLower(Vector128.WidenLower(four)).AsInt32() * kernel.Weights[(n * taps) + t];
                }

                var packed = Vector128.Narrow((sum >>> MiddleShift).AsUInt32(), Vector128<uint>.Zero);
                Unsafe.WriteUnaligned(ref Unsafe.As<ushort, byte>(ref middle[n * 3]), packed.AsUInt64().ToScalar());
            }
        }

        for (; n < kernel.First.Length; n++)
        {
            var at = (kernel.First[n] - sourceX) * 3;
            for (var c = 0; c < 3; c++)
            {
                var sum = 1 << (MiddleShift - 1);
                for (var t = 0; t < taps; t++)
                {
                    sum += source[at + (t * 3) + c] * kernel.Weights[(n * taps) + t];
                }

                middle[(n * 3) + c] = (ushort)(sum >> MiddleShift);
            }
        }
    }

    private static void Vertical(ReadOnlySpan<ushort> middle, int row, ReadOnlySpan<short> weights, Span<byte> destination, bool vectors)
    {
        var i = 0;
        if (vectors && Vector128.IsHardwareAccelerated)
        {
            var half = Vector128.Create(1 << (FinalShift - 1));
            for (; i + 8 <= row; i += 8)
            {
                var low = half;
                var high = half;
                for (var t = 0; t < weights.Length; t++)
                {
                    var samples = Vector128.Create(middle.Slice((t * row) + i, 8));
                    low += Vector128.WidenLower(samples).AsInt32() * weights[t];
                    high += Vector128.WidenUpper(samples).AsInt32() * weights[t];
                }

                var words = Vector128.Narrow((low >>> FinalShift).AsUInt32(), (high >>> FinalShift).AsUInt32());
                Unsafe.WriteUnaligned(ref destination[i], Vector128.Narrow(words, Vector128<ushort>.Zero).AsUInt64().ToScalar());
            }
        }

        for (; i < row; i++)
        {
            var sum = 1 << (FinalShift - 1);
            for (var t = 0; t < weights.Length; t++)
            {
                sum += middle[(t * row) + i] * weights[t];
            }

            destination[i] = (byte)(sum >> FinalShift);
        }
    }
}
