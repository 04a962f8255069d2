using System.Numerics;
using System.Runtime.CompilerServices;
using HoverFast.Model;

namespace HoverFast.Nuclei;

/// <summary>
/// Traces a region's outer outline with sub-pixel accuracy: between the centre of a pixel inside and that of its neighbour outside, the
/// outline passes where the linearly interpolated probability crosses the threshold (as marching squares do; Lorensen and Cline, 1987);
/// against another nucleus it passes half-way. Everything is reckoned from the region's first pixel, so that tiles which both see a nucleus find
/// the same area and the same centroid, to the last bit.
/// </summary>
internal sealed class OutlineTracer(byte threshold, double tolerance, TypeRule? types, TypeSurroundings? surroundings)
{
    /// <summary>Steps in a pixel that a centroid is rounded to: few enough to add up exactly with any place in a tile.</summary>
    private const double CentroidSteps = 256;

    private readonly OutlineSimplifier _simplifier = new(tolerance);
    private Vector2[] _points = new Vector2[256];

    /// <summary>Traces a region of a box.</summary>
    /// <returns>The nucleus in pixels of the area, or null where fewer than three points are left.</returns>
    public Nucleus? Trace(NucleusMaps maps, MapArea area, RegionBox box, int label, float meanProbability)
    {
        ref readonly var region = ref box[label];
        var labels = box.Labels;
        var probability = maps.Probability;
        var (x, y) = (region.X, region.Y);
        var at = ((y - box.Corner.Y) * box.Width) + x - box.Corner.X;
        var start = at;
        var side = 0; // 0 north, 1 east, 2 south, 3 west: the side of pixel (x, y) that the outline runs along, clockwise
        var contrast = 0L;
        var count = 0;
        do
        {
            var (ox, oy) = Step(side);
            var (ax, ay) = Step((side + 1) & 3);
            if (count == _points.Length)
            {
                Array.Resize(ref _points, 2 * count);
            }

            var pixel = area.At(maps, x, y);
            int inside = probability[pixel];
            var outside = inside;
            var t = 0.5f;
            var outer = at + (oy * box.Width) + ox;
            if ((uint)(x + ox) < (uint)area.Width && (uint)(y + oy) < (uint)area.Height)
            {
                outside = probability[pixel + (oy * maps.Width) + ox];
                if (labels[outer] <= RegionBox.Background && outside < threshold)
                {
                    // A pixel exactly at the threshold would put the outline through its centre: keep every point off the centres.
                    t = Math.Clamp((inside - threshold + 0.5f) / (inside - outside), 0.02f, 0.98f);
                }
            }

            contrast += Math.Max(0, inside - outside);
            _points[count++] = new Vector2(x - region.X + 0.5f + (ox * t), y - region.Y + 0.5f + (oy * t));

            // Ahead along the edge, and diagonally ahead on the outer side.
            var ahead = (ay * box.Width) + ax;
            if (labels[at + ahead] != label)
            {
                side = (side + 1) & 3;
            }
            else if (labels[outer + ahead] == label)
            {
                (x, y, at) = (x + ax + ox, y + ay + oy, outer + ahead);
                side = (side + 3) & 3;
            }
            else
            {
                (x, y, at) = (x + ax, y + ay, at + ahead);
            }
        }
        while (at != start || side != 0);

        var confidence = contrast / (float)(NucleusMaps.ProbabilityScale * count);
        var outline = _simplifier.Simplify(_points.AsSpan(0, count));
        return outline.Length < 3 ? null : Describe(outline, meanProbability, Math.Clamp(confidence, 0, 1), region, area, box.VotesOf(label));
    }

    private Nucleus Describe(
        Vector2[] outline,
        float meanProbability,
        float confidence,
        in RegionBox.Region region,
        MapArea part,
        ReadOnlySpan<int> votes)
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

        var first = new Vector2(region.X, region.Y);
        var centroid = first + (area == 0 ? origin : new Vector2(Rounded(origin.X + (cx / (3 * area))), Rounded(origin.Y + (cy / (3 * area)))));
        foreach (ref var point in outline.AsSpan())
        {
            point += first;
        }

        var (type, typeProbability, inputs) = TypeOf(votes, part.Left + centroid.X, part.Top + centroid.Y);
        return new Nucleus(outline)
        {
            Centroid = centroid,
            Area = Math.Abs(area) / 2,
            MeanProbability = meanProbability,
            BoundaryConfidence = confidence,
            Type = type,
            TypeProbability = typeProbability,
            TypeInputs = inputs,
        };
    }

    private (int Type, float Probability, double[]? Inputs) TypeOf(ReadOnlySpan<int> votes, float x, float y)
    {
        if (types is null || surroundings is null || votes.IsEmpty)
        {
            var (type, share) = types?.Of(votes) ?? default;
            return (type, share, null);
        }

        Span<int> around = stackalloc int[types.Context!.Weights.Count];
        var pixels = surroundings.Around(x, y, around);
        return types.Of(votes, around, pixels);
    }

    private static float Rounded(double place) => (float)(Math.Round(place * CentroidSteps) / CentroidSteps);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (int X, int Y) Step(int side)
    {
        ReadOnlySpan<sbyte> across = [0, 1, 0, -1];
        ReadOnlySpan<sbyte> down = [-1, 0, 1, 0];
        return (across[side], down[side]);
    }
}
