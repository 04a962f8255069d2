using System.Numerics;
using HoverFast.Labels;

namespace HoverFast.Training.Importing;

/// <summary>Which nucleus each point belongs to: the one that holds it, or else the nearest within reach that no point has.</summary>
/// <param name="Points">Numbers of the points of each label that has any, in their order.</param>
/// <param name="Missed">Numbers of the points that belong to none.</param>
internal sealed record PointOwners(IReadOnlyDictionary<int, List<int>> Points, IReadOnlyList<int> Missed)
{
    /// <summary>Gives each point its nucleus.</summary>
    /// <param name="labels">The nuclei.</param>
    /// <param name="places">The points, in pixels.</param>
    /// <param name="reach">How far from a nucleus a point may lie, in pixels.</param>
    public static PointOwners Of(LabelImage labels, IReadOnlyList<Vector2> places, double reach)
    {
        var points = new Dictionary<int, List<int>>();
        var outside = new List<int>();
        for (var i = 0; i < places.Count; i++)
        {
            if (LabelAt(labels, places[i]) is not 0 and var label)
            {
                points.TryAdd(label, []);
                points[label].Add(i);
            }
            else
            {
                outside.Add(i);
            }
        }

        var missed = new List<int>();
        foreach (var i in outside)
        {
            if (Nearest(labels, places[i], reach, points) is { } label)
            {
                points[label] = [i];
            }
            else
            {
                missed.Add(i);
            }
        }

        return new PointOwners(points, missed);
    }

    // 0 beside the picture.
    private static int LabelAt(LabelImage labels, Vector2 place)
    {
        var (x, y) = ((int)MathF.Floor(place.X), (int)MathF.Floor(place.Y));
        return x >= 0 && y >= 0 && x < labels.Width && y < labels.Height ? labels.Labels[(y * labels.Width) + x] : 0;
    }

    private static int? Nearest(LabelImage labels, Vector2 place, double reach, Dictionary<int, List<int>> taken)
    {
        int? nearest = null;
        var best = reach * reach;
        var steps = (int)Math.Ceiling(reach);
        var (cx, cy) = ((int)MathF.Floor(place.X), (int)MathF.Floor(place.Y));
        for (var y = Math.Max(0, cy - steps); y <= Math.Min(labels.Height - 1, cy + steps); y++)
        {
            for (var x = Math.Max(0, cx - steps); x <= Math.Min(labels.Width - 1, cx + steps); x++)
            {
                var label = labels.Labels[(y * labels.Width) + x];
                double distance = Vector2.DistanceSquared(place, new Vector2(x + 0.5f, y + 0.5f));
                if (label != 0 && distance <= best && !taken.ContainsKey(label))
                {
                    (nearest, best) = (label, distance);
                }
            }
        }

        return nearest;
    }
}
