using System.Numerics;
using System.Runtime.InteropServices;

namespace HoverFast.Slides.Jpeg2000;

/// <summary>The inverse wavelet transforms (T.800 annex F), as lifting steps over whole rows.</summary>
internal static class Wavelet
{
    private const float Alpha = -1.586134342059924f;
    private const float Beta = -0.052980118572961f;
    private const float Gamma = 0.882911075530934f;
    private const float Delta = 0.443506852043971f;
    private const float K = 1.230174104914001f;

    /// <summary>Undoes one direction for a row.</summary>
    /// <param name="low">The low samples; changed.</param>
    /// <param name="high">The high samples; changed.</param>
    /// <param name="startsOdd">Whether the first sample of the result is a high one.</param>
    /// <param name="isReversible">5/3, else 9/7.</param>
    /// <param name="row">Takes low and high samples in turn.</param>
    public static void Row(Span<float> low, Span<float> high, bool startsOdd, bool isReversible, Span<float> row)
    {
        if (row.Length == 1)
        {
            row[0] = startsOdd ? Halve(high[0], isReversible) : low[0];
            return;
        }

        // Low sample n lies between high samples n - 1 and n, or n and n + 1 when a high one comes first.
        var before = startsOdd ? 0 : -1;
        if (isReversible)
        {
            LiftReversible(low, high, before, update: true);
            LiftReversible(high, low, startsOdd ? -1 : 0, update: false);
        }
        else
        {
            Scale(low, K);
            Scale(high, 1 / K);
            Lift(low, high, before, -Delta);
            Lift(high, low, -1 - before, -Gamma);
            Lift(low, high, before, -Beta);
            Lift(high, low, -1 - before, -Alpha);
        }

        var first = startsOdd ? high : low;
        var second = startsOdd ? low : high;
        for (int i = 0, o = 0; i < first.Length; i++, o += 2)
        {
            row[o] = first[i];
            if (i < second.Length)
            {
                row[o + 1] = second[i];
            }
        }
    }

    /// <summary>Undoes the vertical direction in place: rows lie in their final order.</summary>
    /// <param name="plane">The samples.</param>
    /// <param name="width">Samples in a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="startsOdd">Whether the first row holds high samples.</param>
    /// <param name="isReversible">5/3, else 9/7.</param>
    public static void Columns(Span<float> plane, int width, int height, bool startsOdd, bool isReversible)
    {
        if (height == 1)
        {
            for (var x = 0; startsOdd && x < width; x++)
            {
                plane[x] = Halve(plane[x], isReversible);
            }

            return;
        }

        var low = startsOdd ? 1 : 0;
        var high = 1 - low;
        if (isReversible)
        {
            LiftRows(plane, width, height, low, 0, Step.Update);
            LiftRows(plane, width, height, high, 0, Step.Predict);
            return;
        }

        for (var y = 0; y < height; y++)
        {
            Scale(plane.Slice(y * width, width), y % 2 == low ? K : 1 / K);
        }

        LiftRows(plane, width, height, low, -Delta, Step.Weighted);
        LiftRows(plane, width, height, high, -Gamma, Step.Weighted);
        LiftRows(plane, width, height, low, -Beta, Step.Weighted);
        LiftRows(plane, width, height, high, -Alpha, Step.Weighted);
    }

    private enum Step
    {
        Weighted,
        Update,
        Predict,
    }

    private static float Halve(float value, bool isReversible) => isReversible ? MathF.Floor(value / 2) : value / 2;

    private static void Scale(Span<float> values, float factor)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] *= factor;
        }

        for (var i = vectors.Length * Vector<float>.Count; i < values.Length; i++)
        {
            values[i] *= factor;
        }
    }

    /// <summary>Adds weight x (neighbour before + neighbour after); at the ends the one there is counts twice.</summary>
    private static void Lift(Span<float> target, ReadOnlySpan<float> neighbours, int before, float weight)
    {
        var i = 0;
        var last = neighbours.Length - 1;
        for (; i < target.Length && i + before < 0; i++)
        {
            target[i] += weight * 2 * neighbours[0];
        }

        for (; i + Vector<float>.Count <= target.Length && i + before + Vector<float>.Count <= last; i += Vector<float>.Count)
        {
            var sum = new Vector<float>(neighbours[(i + before)..]) + new Vector<float>(neighbours[(i + before + 1)..]);
            (new Vector<float>(target[i..]) + (sum * weight)).CopyTo(target[i..]);
        }

        for (; i < target.Length; i++)
        {
            target[i] += weight * (neighbours[Math.Min(i + before, last)] + neighbours[MirrorEnd(i + before, last)]);
        }

        static int MirrorEnd(int before, int last) => before + 1 <= last ? before + 1 : last;
    }

    /// <summary>Whole numbers in floats (exact up to 2^24): low -= floor((sum + 2) / 4), or high += floor(sum / 2).</summary>
    private static void LiftReversible(Span<float> target, ReadOnlySpan<float> neighbours, int before, bool update)
    {
        var last = neighbours.Length - 1;
        for (var i = 0; i < target.Length; i++)
        {
            var a = neighbours[Math.Clamp(i + before, 0, last)];
            var b = neighbours[Math.Clamp(i + before + 1, 0, last)];
            target[i] += update ? -MathF.Floor((a + b + 2) * 0.25f) : MathF.Floor((a + b) * 0.5f);
        }
    }

    private static void LiftRows(Span<float> plane, int width, int height, int first, float weight, Step step)
    {
        for (var y = first; y < height; y += 2)
        {
            var target = plane.Slice(y * width, width);
            var above = plane.Slice((y > 0 ? y - 1 : 1) * width, width);
            var below = plane.Slice((y + 1 < height ? y + 1 : height - 2) * width, width);
            var x = 0;
            for (; x + Vector<float>.Count <= width; x += Vector<float>.Count)
            {
                var sum = new Vector<float>(above[x..]) + new Vector<float>(below[x..]);
                var change = step switch
                {
                    Step.Weighted => sum * weight,
                    Step.Update => -Vector.Floor((sum + new Vector<float>(2)) * 0.25f),
                    _ => Vector.Floor(sum * 0.5f),
                };
                (new Vector<float>(target[x..]) + change).CopyTo(target[x..]);
            }

            for (; x < width; x++)
            {
                var sum = above[x] + below[x];
                target[x] += step switch
                {
                    Step.Weighted => sum * weight,
                    Step.Update => -MathF.Floor((sum + 2) * 0.25f),
                    _ => MathF.Floor(sum * 0.5f),
                };
            }
        }
    }
}
