using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Polygonize;

namespace HoverFast.Review.Edits;

/// <summary>Cuts outlines along lines and joins them.</summary>
internal static class OutlineCutter
{
    /// <summary>Gap in pixels across which parts of one nucleus are joined.</summary>
    private const double WidestGap = 10;

    private static readonly GeometryFactory _factory = new();

    /// <summary>The parts of an outline on both sides of a line, the largest first.</summary>
    /// <param name="outline">The outline.</param>
    /// <param name="line">x0, y0, x1, y1, ...</param>
    /// <param name="least">Square pixels below which a part is none.</param>
    /// <exception cref="ReviewException">The line doesn't cross it.</exception>
    public static IReadOnlyList<Outline> Split(Outline outline, IReadOnlyList<double> line, double least)
    {
        if (line.Count < 4 || line.Count % 2 != 0 || !line.All(double.IsFinite))
        {
            throw new ReviewException("A line to split along has two points or more.");
        }

        var cut = _factory.CreateLineString([.. Enumerable.Range(0, line.Count / 2).Select(i => new Coordinate(line[2 * i], line[(2 * i) + 1]))]);
        var polygonizer = new Polygonizer();
        polygonizer.Add(outline.Polygon.ExteriorRing.Union(cut));
        List<Outline> parts =
        [
            .. polygonizer.GetPolygons().Where(p => outline.Polygon.Contains(p.InteriorPoint)).Select(Outline.TryOf).OfType<Outline>()
                .Where(p => p.Area >= least).OrderByDescending(p => p.Area),
        ];
        return parts.Count >= 2 ? parts : throw new ReviewException("The line doesn't cut the nucleus in two: draw it from outside, across, to outside.");
    }

    /// <summary>One outline around several, across narrow gaps.</summary>
    /// <exception cref="ReviewException">They lie too far apart.</exception>
    public static Outline Merge(IReadOnlyList<Outline> parts)
    {
        var parted = parts.Select(p => (Geometry)p.Polygon).Aggregate((a, b) => a.Union(b));
        var whole = parted;
        for (var reach = 1.0; whole is not Polygon && 2 * reach <= WidestGap; reach++)
        {
            whole = parted.Buffer(reach).Buffer(-reach);
        }

        return whole is Polygon && Outline.TryOf(whole) is { } one ? one
            : throw new ReviewException("These nuclei lie too far apart to be one; delete one and redraw the other.");
    }
}
