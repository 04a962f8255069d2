using System.Numerics;
using System.Runtime.InteropServices;
using HoverFast.Model;

namespace HoverFast.Nuclei;

/// <summary>
/// Traces a region's outer outline with sub-pixel accuracy: between the centre of a pixel inside and that of its neighbour outside, the
/// outline passes where the linearly interpolated probability crosses the threshold (as marching squares do; Lorensen and Cline, 1987);
/// against another nucleus it passes half-way.
/// </summary>
internal sealed class OutlineTracer(byte threshold, double tolerance)
{
    private readonly List<Vector2> _points = [];
    private readonly OutlineSimplifier _simplifier = new(tolerance);

    /// <summary>Traces the region with the given label, whose first pixel in raster order is <paramref name="first"/>.</summary>
    /// <returns>The nucleus, or null where fewer than three points are left.</returns>
    public Nucleus? Trace(NucleusMaps maps, int[] labels, int label, int first, float meanProbability)
    {
        var (width, height) = (maps.Width, maps.Height);
        var (x, y) = (first % width, first / width);
        var (startX, startY) = (x, y);
        var side = 0; // 0 north, 1 east, 2 south, 3 west: the side of pixel (x, y) that the outline runs along, clockwise
        long contrast = 0;
        _points.Clear();
        do
        {
            var (ox, oy) = Step(side);
            contrast += AddCrossing(maps, labels, x, y, ox, oy, width, height);

            // Ahead along the edge, and diagonally ahead on the outer side.
            var (ax, ay) = Step((side + 1) & 3);
            if (!Inside(x + ax, y + ay))
            {
                side = (side + 1) & 3;
            }
            else if (Inside(x + ax + ox, y + ay + oy))
            {
                (x, y) = (x + ax + ox, y + ay + oy);
                side = (side + 3) & 3;
            }
            else
            {
                (x, y) = (x + ax, y + ay);
            }
        }
        while (x != startX || y != startY || side != 0);

        var confidence = contrast / (float)(NucleusMaps.ProbabilityScale * _points.Count);
        var outline = _simplifier.Simplify(CollectionsMarshal.AsSpan(_points));
        return outline.Length < 3 ? null : Describe(outline, meanProbability, Math.Clamp(confidence, 0, 1), maps, first);

        bool Inside(int px, int py) => (uint)px < (uint)width && (uint)py < (uint)height && labels[(py * width) + px] == label;
    }

    private int AddCrossing(NucleusMaps maps, int[] labels, int x, int y, int ox, int oy, int width, int height)
    {
        var inside = maps.Probability[(y * width) + x];
        var (nx, ny) = (x + ox, y + oy);
        var t = 0.5f;
        int outside = inside;
        if ((uint)nx < (uint)width && (uint)ny < (uint)height)
        {
            var neighbour = (ny * width) + nx;
            outside = maps.Probability[neighbour];
            if (labels[neighbour] <= 0 && outside < threshold)
            {
                // A pixel exactly at the threshold would put the outline through its centre: keep every point off the centres.
                t = Math.Clamp((inside - threshold + 0.5f) / (inside - outside), 0.02f, 0.98f);
            }
        }

        _points.Add(new Vector2(x + 0.5f + (ox * t), y + 0.5f + (oy * t)));
        return Math.Max(0, inside - outside);
    }

    private static Nucleus Describe(Vector2[] outline, float meanProbability, float confidence, NucleusMaps maps, int first)
    {
        double area = 0, cx = 0, cy = 0;
        var origin = outline[0];
        for (var i = 1; i + 1 < outline.Length; i++)
        {
            var (a, b) = (outline[i] - origin, outline[i + 1] - origin);
            var twice = ((double)a.X * b.Y) - ((double)a.Y * b.X);
            area += twice;
            cx += twice * (a.X + b.X);
            cy += twice * (a.Y + b.Y);
        }

        var centroid = area == 0 ? origin : new Vector2((float)(origin.X + (cx / (3 * area))), (float)(origin.Y + (cy / (3 * area))));
        return new Nucleus(outline)
        {
            Centroid = centroid,
            Area = Math.Abs(area) / 2,
            MeanProbability = meanProbability,
            BoundaryConfidence = confidence,
            Type = TypeAt(maps, centroid, first),
        };
    }

    private static int TypeAt(NucleusMaps maps, Vector2 centroid, int first)
    {
        if (maps.Types is null)
        {
            return 0;
        }

        var (x, y) = (Math.Clamp((int)centroid.X, 0, maps.Width - 1), Math.Clamp((int)centroid.Y, 0, maps.Height - 1));
        var type = maps.Types[(y * maps.Width) + x];
        return type != 0 ? type : maps.Types[first];
    }

    private static (int X, int Y) Step(int side) => side switch
    {
        0 => (0, -1),
        1 => (1, 0),
        2 => (0, 1),
        _ => (-1, 0),
    };
}
