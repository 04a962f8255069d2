using System.Numerics;

namespace HoverFast.Nuclei;

/// <summary>Drops outline points that lie within a tolerance of the line that is left (Douglas and Peucker, 1973), on a closed ring.</summary>
internal sealed class OutlineSimplifier(double tolerance)
{
    private (int From, int To)[] _open = new (int, int)[64];
    private bool[] _keep = [];

    /// <summary>The points to keep, in their order; at least the two that lie farthest apart from the first.</summary>
    public Vector2[] Simplify(ReadOnlySpan<Vector2> ring)
    {
        if (tolerance <= 0 || ring.Length < 4)
        {
            return ring.ToArray();
        }

        if (_keep.Length <= ring.Length)
        {
            _keep = new bool[ring.Length * 2];
        }

        Array.Clear(_keep, 0, ring.Length);
        var far = 0;
        for (var i = 1; i < ring.Length; i++)
        {
            if (Vector2.DistanceSquared(ring[i], ring[0]) > Vector2.DistanceSquared(ring[far], ring[0]))
            {
                far = i;
            }
        }

        _keep[0] = _keep[far] = true;
        var kept = far == 0 ? 1 : 2;
        _open[0] = (0, far);
        _open[1] = (far, ring.Length);
        for (var open = 2; open > 0;)
        {
            var part = _open[--open];
            if (part.To - part.From < 2)
            {
                continue;
            }

            var worst = Farthest(ring, part.From, part.To, out var distance);
            if (worst >= 0 && distance > tolerance)
            {
                _keep[worst] = true;
                kept++;
                if (open + 2 > _open.Length)
                {
                    Array.Resize(ref _open, 2 * _open.Length);
                }

                _open[open++] = (part.From, worst);
                _open[open++] = (worst, part.To);
            }
        }

        var result = new Vector2[kept];
        for (int i = 0, k = 0; i < ring.Length; i++)
        {
            if (_keep[i])
            {
                result[k++] = ring[i];
            }
        }

        return result;
    }

    private static int Farthest(ReadOnlySpan<Vector2> ring, int from, int to, out float distance)
    {
        var a = ring[from];
        var line = ring[to % ring.Length] - a;
        var length = line.Length();
        var worst = -1;
        distance = -1;
        for (var i = from + 1; i < to; i++)
        {
            var p = ring[i] - a;
            var d = length > 0 ? MathF.Abs((p.X * line.Y) - (p.Y * line.X)) / length : p.Length();
            if (d > distance)
            {
                (worst, distance) = (i, d);
            }
        }

        return worst;
    }
}
