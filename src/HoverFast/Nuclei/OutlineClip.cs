using System.Numerics;

namespace HoverFast.Nuclei;

/// <summary>Cuts outlines off at the edges of a rectangle (Sutherland and Hodgman, 1974).</summary>
internal static class OutlineClip
{
    /// <summary>The part of an open outline inside a rectangle; fewer than three points where nothing is.</summary>
    public static Vector2[] To(Vector2[] outline, float left, float top, float right, float bottom)
    {
        var points = new List<Vector2>(outline);
        points = Cut(points, p => p.X - left, (a, b, t) => new Vector2(left, a.Y + (t * (b.Y - a.Y))));
        points = Cut(points, p => right - p.X, (a, b, t) => new Vector2(right, a.Y + (t * (b.Y - a.Y))));
        points = Cut(points, p => p.Y - top, (a, b, t) => new Vector2(a.X + (t * (b.X - a.X)), top));
        points = Cut(points, p => bottom - p.Y, (a, b, t) => new Vector2(a.X + (t * (b.X - a.X)), bottom));
        return [.. points];
    }

    /// <summary>Area and centroid of an open outline.</summary>
    public static (double Area, Vector2 Centroid) AreaOf(Vector2[] outline)
    {
        // From the first point, so that far from the origin no digits are lost.
        double twice = 0, x = 0, y = 0;
        var origin = outline[0];
        for (var i = 0; i < outline.Length; i++)
        {
            var (a, b) = (outline[i] - origin, outline[(i + 1) % outline.Length] - origin);
            var cross = ((double)a.X * b.Y) - ((double)b.X * a.Y);
            twice += cross;
            x += (a.X + b.X) * cross;
            y += (a.Y + b.Y) * cross;
        }

        return twice == 0 ? (0, origin) : (Math.Abs(twice) / 2, new Vector2((float)(origin.X + (x / (3 * twice))), (float)(origin.Y + (y / (3 * twice)))));
    }

    /// <summary>Whether a point lies inside an open outline.</summary>
    public static bool Holds(Vector2[] outline, Vector2 point)
    {
        // A ray to the right crosses the outline an odd number of times.
        var inside = false;
        for (int i = 0, before = outline.Length - 1; i < outline.Length; before = i++)
        {
            var (a, b) = (outline[i], outline[before]);
            if (a.Y > point.Y != b.Y > point.Y && point.X < a.X + ((point.Y - a.Y) * (b.X - a.X) / (b.Y - a.Y)))
            {
                inside = !inside;
            }
        }

        return inside;
    }

    private static List<Vector2> Cut(List<Vector2> points, Func<Vector2, float> inside, Func<Vector2, Vector2, float, Vector2> crossing)
    {
        var kept = new List<Vector2>(points.Count + 4);
        for (var i = 0; i < points.Count; i++)
        {
            var (a, b) = (points[i], points[(i + 1) % points.Count]);
            var (da, db) = (inside(a), inside(b));
            if (da >= 0)
            {
                kept.Add(a);
            }

            if (da >= 0 != db >= 0)
            {
                kept.Add(crossing(a, b, da / (da - db)));
            }
        }

        return kept;
    }
}
