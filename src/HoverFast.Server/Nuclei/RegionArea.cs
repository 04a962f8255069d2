using Edge = ((double X, double Y) Upper, (double X, double Y) Lower);

namespace HoverFast.Server.Nuclei;

/// <summary>
/// The area that a polygon holds by the even-odd rule. The sum over its corners alone is that of simple polygons: loops of one drawn by hand that turn the
/// other way round would take away from it. So it is cut into strips at its corners, and strips in which edges cross are halved until that tells no more.
/// </summary>
internal static class RegionArea
{
    private const int MostHalvings = 24;

    /// <summary>Edges that are looked at again in halves, in all: scribbles of many thousand corners are then told a little less exactly.</summary>
    private const int MostAgain = 20_000_000;

    /// <summary>The area, in the square of the corners' unit.</summary>
    public static double Of(double[][] polygon, CancellationToken cancellation)
    {
        var edges = polygon
            .Select((p, i) => (A: (X: p[0], Y: p[1]), B: (X: polygon[(i + 1) % polygon.Length][0], Y: polygon[(i + 1) % polygon.Length][1])))
            .Where(e => e.A.Y != e.B.Y)
            .Select(e => e.A.Y < e.B.Y ? new Edge(e.A, e.B) : new Edge(e.B, e.A))
            .OrderBy(e => e.Upper.Y)
            .ToList();
        double[] rows = [.. edges.SelectMany(e => new[] { e.Upper.Y, e.Lower.Y }).Distinct().Order()];
        var (area, next, again) = (0.0, 0, MostAgain);
        var open = new List<Edge>();
        for (var i = 0; i + 1 < rows.Length; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            var top = rows[i];
            open.RemoveAll(e => e.Lower.Y <= top);
            for (; next < edges.Count && edges[next].Upper.Y <= top; next++)
            {
                open.Add(edges[next]);
            }

            area += AreaOf(open, top, rows[i + 1], MostHalvings, ref again);
        }

        return area;
    }

    private static double AreaOf(List<Edge> edges, double top, double bottom, int halvings, ref int again)
    {
        if (halvings > 0 && again > 0 && AreCrossing(edges, top, bottom))
        {
            again -= edges.Count;
            var middle = (top + bottom) / 2;
            return AreaOf(edges, top, middle, halvings - 1, ref again) + AreaOf(edges, middle, bottom, halvings - 1, ref again);
        }

        // Between edges that don't cross, the width in the middle is the mean one.
        double[] crossed = [.. edges.Select(e => At(e, (top + bottom) / 2)).Order()];
        var width = 0.0;
        for (var i = 0; i + 1 < crossed.Length; i += 2)
        {
            width += crossed[i + 1] - crossed[i];
        }

        return width * (bottom - top);
    }

    private static bool AreCrossing(List<Edge> edges, double top, double bottom)
    {
        var farthest = double.NegativeInfinity;
        foreach (var (_, below) in edges.Select(e => (Above: At(e, top), Below: At(e, bottom))).Order())
        {
            if (below < farthest)
            {
                return true;
            }

            farthest = below;
        }

        return false;
    }

    private static double At(Edge edge, double y) =>
        edge.Upper.X + ((edge.Lower.X - edge.Upper.X) * (y - edge.Upper.Y) / (edge.Lower.Y - edge.Upper.Y));
}
