using HoverFast.Nuclei;

namespace HoverFast.Output;

/// <summary>
/// Whether an outline is valid by the rules of JTS (QuPath's geometry library) and the OGC: a ring of at least three distinct points that
/// neither crosses nor touches itself. Exact, in whole hundredths of a pixel, and several times as fast as NetTopologySuite's test.
/// </summary>
internal static class OutlineValidity
{
    /// <summary>
    /// The largest extent for which the answer is given: up to here an area of one square hundredth is far above the rounding of the
    /// binary fractions that readers turn the decimals into, so they see the same geometry as we do.
    /// </summary>
    private const int LargestExtent = 1 << 17;

    /// <summary>
    /// Drops repeated points and points in the middle of a straight line, which say nothing about the shape. Points where the outline
    /// turns back on itself stay, since they make it invalid.
    /// </summary>
    /// <param name="ring">An open ring (first point not repeated); the result lies at its start.</param>
    /// <returns>The number of points that are left.</returns>
    public static int DropRedundant(Span<OutlinePoint> ring)
    {
        var n = 0;
        foreach (var point in ring)
        {
            if (n == 0 || point != ring[n - 1])
            {
                while (n >= 2 && IsStraight(ring[n - 2], ring[n - 1], point))
                {
                    n--;
                }

                ring[n++] = point;
            }
        }

        while (n > 1 && ring[n - 1] == ring[0])
        {
            n--;
        }

        while (n >= 3 && IsStraight(ring[n - 2], ring[n - 1], ring[0]))
        {
            n--;
        }

        // The first point may be in the middle of a line too.
        var start = 0;
        while (n - start >= 3 && IsStraight(ring[n - 1], ring[start], ring[start + 1]))
        {
            start++;
        }

        ring[start..n].CopyTo(ring);
        return n - start;
    }

    /// <summary>
    /// Whether an open ring without redundant points is surely valid. False means that it is invalid or too large to tell.
    /// </summary>
    public static bool IsSurelyValid(ReadOnlySpan<OutlinePoint> ring)
    {
        var n = ring.Length;
        if (n is < 3 or > ushort.MaxValue)
        {
            return false;
        }

        int left = int.MaxValue, top = int.MaxValue, right = int.MinValue, bottom = int.MinValue;
        foreach (var p in ring)
        {
            left = Math.Min(left, p.X);
            right = Math.Max(right, p.X);
            top = Math.Min(top, p.Y);
            bottom = Math.Max(bottom, p.Y);
        }

        if ((long)right - left > LargestExtent || (long)bottom - top > LargestExtent)
        {
            return false;
        }

        // Sweep over the edges by their left ends: only edges that overlap in x are compared.
        const int Inline = 256;
        var edges = n <= Inline ? stackalloc long[Inline] : new long[n];
        edges = edges[..n];
        for (var i = 0; i < n; i++)
        {
            edges[i] = ((long)(Math.Min(ring[i].X, ring[Next(i, n)].X) - left) << 16) | (uint)i;
        }

        edges.Sort();
        for (var i = 0; i < n; i++)
        {
            var a = (int)(edges[i] & ushort.MaxValue);
            var (a0, a1) = (ring[a], ring[Next(a, n)]);
            var end = Math.Max(a0.X, a1.X) - left;
            var (aTop, aBottom) = a0.Y < a1.Y ? (a0.Y, a1.Y) : (a1.Y, a0.Y);
            for (var j = i + 1; j < n && edges[j] >> 16 <= end; j++)
            {
                var b = (int)(edges[j] & ushort.MaxValue);
                var (b0, b1) = (ring[b], ring[Next(b, n)]);
                if (Math.Min(b0.Y, b1.Y) > aBottom || Math.Max(b0.Y, b1.Y) < aTop)
                {
                    continue;
                }

                if (Next(a, n) == b)
                {
                    if (TurnsBack(a0, a1, b1))
                    {
                        return false;
                    }
                }
                else if (Next(b, n) == a)
                {
                    if (TurnsBack(b0, b1, a1))
                    {
                        return false;
                    }
                }
                else if (Meet(a0, a1, b0, b1))
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Twice the signed area of the triangle: positive where c lies to the right of the way from a to b (y grows downwards).</summary>
    private static long Cross(OutlinePoint a, OutlinePoint b, OutlinePoint c) =>
        (((long)b.X - a.X) * ((long)c.Y - a.Y)) - (((long)b.Y - a.Y) * ((long)c.X - a.X));

    private static bool IsStraight(OutlinePoint a, OutlinePoint b, OutlinePoint c) => Fits(a, b, c) && Cross(a, b, c) == 0 && Along(a, b, c) > 0;

    /// <summary>Whether c lies on the same side of b as a does, on one line: a spike.</summary>
    private static bool TurnsBack(OutlinePoint a, OutlinePoint b, OutlinePoint c) => Cross(a, b, c) == 0 && Along(a, b, c) <= 0;

    private static long Along(OutlinePoint a, OutlinePoint b, OutlinePoint c) =>
        (((long)b.X - a.X) * ((long)c.X - b.X)) + (((long)b.Y - a.Y) * ((long)c.Y - b.Y));

    /// <summary>Whether the products stay far from overflow.</summary>
    private static bool Fits(OutlinePoint a, OutlinePoint b, OutlinePoint c)
    {
        const long Most = 1L << 30;
        return Math.Abs((long)b.X - a.X) < Most && Math.Abs((long)b.Y - a.Y) < Most && Math.Abs((long)c.X - b.X) < Most && Math.Abs((long)c.Y - b.Y) < Most;
    }

    /// <summary>Whether two edges without a common end in the ring's order share a point. Their boxes overlap.</summary>
    private static bool Meet(OutlinePoint a0, OutlinePoint a1, OutlinePoint b0, OutlinePoint b1)
    {
        var b0Side = Math.Sign(Cross(a0, a1, b0));
        var b1Side = Math.Sign(Cross(a0, a1, b1));
        if (b0Side * b1Side > 0)
        {
            return false;
        }

        var a0Side = Math.Sign(Cross(b0, b1, a0));
        var a1Side = Math.Sign(Cross(b0, b1, a1));

        // All on one line and with overlapping boxes: they share a point.
        return a0Side * a1Side <= 0;
    }

    private static int Next(int i, int n) => i + 1 == n ? 0 : i + 1;
}
