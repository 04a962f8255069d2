namespace HoverFast.Nuclei;

/// <summary>
/// The pixels of an outline: those whose centre lies inside, by the even-odd rule; a centre exactly on the outline belongs to the side
/// to its right or below. So outlines that share an edge share no pixel and leave none out. Exact, in whole numbers. Keeps its memory
/// for the next outline; not thread safe.
/// </summary>
internal sealed class OutlineRaster
{
    private const int Centre = OutlinePoint.PerPixel / 2;
    // Row in the upper half, column in the lower, so that a plain sort puts them in order.
    private long[] _crossings = new long[512];
    private PixelRun[] _runs = new PixelRun[256];

    /// <summary>The pixels of an open ring as runs, from the top and from the left. Valid until the next call.</summary>
    public ReadOnlySpan<PixelRun> Fill(ReadOnlySpan<OutlinePoint> ring)
    {
        var crossings = 0;
        for (var i = 0; i < ring.Length; i++)
        {
            var a = ring[i];
            var b = ring[i + 1 == ring.Length ? 0 : i + 1];
            if (a.Y > b.Y)
            {
                (a, b) = (b, a);
            }

            // Rows whose centre line lies in [a.Y, b.Y).
            var first = (int)CeilingOf((long)a.Y - Centre, OutlinePoint.PerPixel);
            var end = (int)CeilingOf((long)b.Y - Centre, OutlinePoint.PerPixel);
            if (crossings + (end - first) > _crossings.Length)
            {
                Array.Resize(ref _crossings, 2 * (crossings + end - first));
            }

            long dx = (long)b.X - a.X;
            long dy = (long)b.Y - a.Y;
            for (var row = first; row < end; row++)
            {
                // The first pixel whose centre lies at or to the right of the crossing.
                var down = ((long)row * OutlinePoint.PerPixel) + Centre - a.Y;
                var x = CeilingOf(((a.X - (long)Centre) * dy) + (down * dx), dy * OutlinePoint.PerPixel);
                _crossings[crossings++] = ((long)row << 32) | (uint)((int)x ^ int.MinValue);
            }
        }

        var sorted = _crossings.AsSpan(0, crossings);
        sorted.Sort();
        if (_runs.Length < crossings / 2)
        {
            _runs = new PixelRun[crossings];
        }

        var runs = 0;
        for (var i = 0; i + 1 < crossings; i += 2)
        {
            // Each row is crossed an even number of times.
            if (sorted[i] < sorted[i + 1])
            {
                _runs[runs++] = new PixelRun((int)(sorted[i] >> 32), (int)sorted[i] ^ int.MinValue, (int)sorted[i + 1] ^ int.MinValue);
            }
        }

        return _runs.AsSpan(0, runs);
    }

    private static long CeilingOf(long numerator, long denominator)
    {
        var (quotient, remainder) = Math.DivRem(numerator, denominator);
        return remainder > 0 ? quotient + 1 : quotient;
    }
}
