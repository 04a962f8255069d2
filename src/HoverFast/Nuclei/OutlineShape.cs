using System.Numerics;

namespace HoverFast.Nuclei;

/// <summary>Shape of an outline, from the polygon itself and not from pixels. Lengths are in the outline's unit.</summary>
/// <param name="Area">Area.</param>
/// <param name="Perimeter">Length of the outline.</param>
/// <param name="MajorAxis">Longer axis of the ellipse with the same second moments.</param>
/// <param name="MinorAxis">Shorter axis of that ellipse.</param>
/// <param name="Orientation">Angle of the longer axis in degrees, 0 (along x) up to 180, counterclockwise as one sees the picture.</param>
/// <param name="HullArea">Area of the convex hull.</param>
internal readonly record struct OutlineShape(double Area, double Perimeter, double MajorAxis, double MinorAxis, double Orientation, double HullArea)
{
    /// <summary>Eccentricity of the ellipse, 0 (circle) to 1 (line).</summary>
    public double Eccentricity => MajorAxis > 0 ? Math.Sqrt(Math.Max(0, 1 - (MinorAxis * MinorAxis / (MajorAxis * MajorAxis)))) : 0;

    /// <summary>4 pi area / perimeter squared, 1 for a circle.</summary>
    public double Circularity => Perimeter > 0 ? Math.Min(1, 4 * Math.PI * Area / (Perimeter * Perimeter)) : 0;

    /// <summary>Area over the area of the convex hull, 1 where there is no dent.</summary>
    public double Solidity => HullArea > 0 ? Math.Min(1, Area / HullArea) : 0;

    /// <summary>Measures an open ring of at least three points.</summary>
    /// <param name="ring">The ring.</param>
    /// <param name="withHull">Whether the hull is wanted; it takes longer than all else. Without it its area is 0.</param>
    public static OutlineShape Of(ReadOnlySpan<Vector2> ring, bool withHull = true)
    {
        // Moments by Green's theorem, about the first point for precision (Steger, On the calculation of arbitrary moments of polygons, 1996).
        var origin = ring[0];
        double area = 0, mx = 0, my = 0, mxx = 0, mxy = 0, myy = 0, perimeter = 0;
        var (ax, ay) = (0.0, 0.0);
        for (var i = 1; i <= ring.Length; i++)
        {
            var p = ring[i == ring.Length ? 0 : i];
            var (bx, by) = ((double)p.X - origin.X, (double)p.Y - origin.Y);
            var cross = (ax * by) - (bx * ay);
            area += cross;
            mx += cross * (ax + bx);
            my += cross * (ay + by);
            mxx += cross * ((ax * ax) + (ax * bx) + (bx * bx));
            myy += cross * ((ay * ay) + (ay * by) + (by * by));
            mxy += cross * ((2 * ax * ay) + (ax * by) + (bx * ay) + (2 * bx * by));
            perimeter += Math.Sqrt(((bx - ax) * (bx - ax)) + ((by - ay) * (by - ay)));
            (ax, ay) = (bx, by);
        }

        area /= 2;
        if (area == 0)
        {
            return new OutlineShape(0, perimeter, 0, 0, 0, withHull ? HullAreaOf(ring) : 0);
        }

        // Dividing by the signed area makes the direction of the ring irrelevant.
        var (cx, cy) = (mx / (6 * area), my / (6 * area));
        var xx = (mxx / (12 * area)) - (cx * cx);
        var yy = (myy / (12 * area)) - (cy * cy);
        var xy = (mxy / (24 * area)) - (cx * cy);
        var mean = (xx + yy) / 2;
        var spread = Math.Sqrt(((xx - yy) * (xx - yy) / 4) + (xy * xy));
        var degrees = -0.5 * Math.Atan2(2 * xy, xx - yy) * 180 / Math.PI;
        degrees = degrees < 0 ? degrees + 180 : degrees;
        return new OutlineShape(
            Math.Abs(area),
            perimeter,
            4 * Math.Sqrt(Math.Max(0, mean + spread)),
            4 * Math.Sqrt(Math.Max(0, mean - spread)),
            degrees >= 180 ? 0 : degrees,
            withHull ? HullAreaOf(ring) : 0);
    }

    /// <summary>Area of the convex hull (Andrew's monotone chain, 1979).</summary>
    private static double HullAreaOf(ReadOnlySpan<Vector2> ring)
    {
        const int Inline = 256;
        var points = ring.Length <= Inline ? stackalloc Vector2[Inline] : new Vector2[ring.Length];
        var hull = ring.Length <= Inline ? stackalloc Vector2[2 * Inline] : new Vector2[2 * ring.Length];
        points = points[..ring.Length];
        ring.CopyTo(points);
        points.Sort(static (a, b) => a.X != b.X ? a.X.CompareTo(b.X) : a.Y.CompareTo(b.Y));
        var n = 0;
        for (var i = 0; i < points.Length; i++)
        {
            while (n >= 2 && Cross(hull[n - 2], hull[n - 1], points[i]) <= 0)
            {
                n--;
            }

            hull[n++] = points[i];
        }

        var lower = n + 1;
        for (var i = points.Length - 2; i >= 0; i--)
        {
            while (n >= lower && Cross(hull[n - 2], hull[n - 1], points[i]) <= 0)
            {
                n--;
            }

            hull[n++] = points[i];
        }

        var area = 0.0;
        for (var i = 1; i + 1 < n - 1; i++)
        {
            area += Cross(hull[0], hull[i], hull[i + 1]);
        }

        return Math.Abs(area) / 2;
    }

    private static double Cross(Vector2 a, Vector2 b, Vector2 c) =>
        (((double)b.X - a.X) * ((double)c.Y - a.Y)) - (((double)b.Y - a.Y) * ((double)c.X - a.X));
}
