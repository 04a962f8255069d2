namespace HoverFast.Server.Nuclei;

/// <summary>One nucleus as it is read from a result and from the index; the lists are used again for the next one.</summary>
internal sealed class IndexedNucleus
{
    /// <summary>Hundredths of a full-resolution pixel: what results are rounded to.</summary>
    public const int Units = 100;

    /// <summary>Its number in the result, from 0.</summary>
    public int Ordinal { get; set; }

    /// <summary>Its id as the result has it; empty where it has none that is a UUID.</summary>
    public Guid Id { get; set; }

    /// <summary>Index of its class; -1 where it has none.</summary>
    public int Class { get; set; } = -1;

    /// <summary>Points of all outer rings, x and y in turn, in <see cref="Units"/>; rings are open.</summary>
    public List<int> Points { get; } = [];

    /// <summary>Where each ring ends in <see cref="Points"/>.</summary>
    public List<int> RingEnds { get; } = [];

    /// <summary>A value for each measurement of the result; NaN where it has none.</summary>
    public List<float> Values { get; } = [];

    /// <summary>The box of its points: the least and largest x and y, in <see cref="Units"/>.</summary>
    public (int Left, int Top, int Right, int Bottom) Box()
    {
        var (left, top, right, bottom) = (int.MaxValue, int.MaxValue, int.MinValue, int.MinValue);
        for (var i = 0; i < Points.Count; i += 2)
        {
            left = Math.Min(left, Points[i]);
            right = Math.Max(right, Points[i]);
            top = Math.Min(top, Points[i + 1]);
            bottom = Math.Max(bottom, Points[i + 1]);
        }

        return (left, top, right, bottom);
    }

    /// <summary>Ends a ring whose points were added: the point that closes it goes, and so does all of it where fewer than three points are left.</summary>
    /// <param name="start">Where it began in <see cref="Points"/>.</param>
    public void EndRing(int start)
    {
        if (Points.Count - start >= 4 && Points[start] == Points[^2] && Points[start + 1] == Points[^1])
        {
            Points.RemoveRange(Points.Count - 2, 2);
        }

        if (Points.Count - start >= 6)
        {
            RingEnds.Add(Points.Count);
        }
        else
        {
            Points.RemoveRange(start, Points.Count - start);
        }
    }

    /// <summary>The points of a ring.</summary>
    public (int Start, int End) Ring(int index) => (index == 0 ? 0 : RingEnds[index - 1], RingEnds[index]);

    /// <summary>The centroid of the first ring, in pixels.</summary>
    public (double X, double Y) Centroid()
    {
        var (start, end) = Ring(0);
        var (area, x, y) = (0.0, 0.0, 0.0);
        var (x0, y0) = (Points[start], Points[start + 1]);
        for (var i = start; i < end; i += 2)
        {
            var j = i + 2 < end ? i + 2 : start;

            // From the first point on, so that far places lose no digits.
            double ax = Points[i] - x0,
                ay = Points[i + 1] - y0,
                bx = Points[j] - x0,
                by = Points[j + 1] - y0;
            var cross = (ax * by) - (bx * ay);
            area += cross;
            x += (ax + bx) * cross;
            y += (ay + by) * cross;
        }

        return area == 0 ? ((double)x0 / Units, (double)y0 / Units) : ((x0 + (x / (3 * area))) / Units, (y0 + (y / (3 * area))) / Units);
    }

    /// <summary>Whether a point lies in one of its rings (even-odd rule).</summary>
    /// <param name="x">In pixels.</param>
    /// <param name="y">In pixels.</param>
    public bool Contains(double x, double y)
    {
        var inside = false;
        var (px, py) = (x * Units, y * Units);
        for (var ring = 0; ring < RingEnds.Count; ring++)
        {
            var (start, end) = Ring(ring);
            for (int i = start, j = end - 2; i < end; j = i, i += 2)
            {
                if (
                    Points[i + 1] > py != Points[j + 1] > py
                    && px < ((double)(Points[j] - Points[i]) * (py - Points[i + 1]) / (Points[j + 1] - Points[i + 1])) + Points[i])
                {
                    inside = !inside;
                }
            }
        }

        return inside;
    }

    /// <summary>Empties it for the next nucleus.</summary>
    public void Clear()
    {
        Id = Guid.Empty;
        Class = -1;
        Points.Clear();
        RingEnds.Clear();
        Values.Clear();
    }
}
