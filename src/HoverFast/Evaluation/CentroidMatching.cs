using System.Numerics;

namespace HoverFast.Evaluation;

/// <summary>Pairs points one to one.</summary>
internal static class CentroidMatching
{
    /// <summary>
    /// The greatest number of pairs, one point of each side, that lie within a radius: a maximum bipartite matching by augmenting paths
    /// (so the count does not depend on any order).
    /// </summary>
    /// <param name="truth">Points of one side.</param>
    /// <param name="predicted">Points of the other side.</param>
    /// <param name="radius">In the points' unit; a distance equal to it still counts.</param>
    public static int Count(IReadOnlyList<Vector2> truth, IReadOnlyList<Vector2> predicted, double radius) =>
        Partners(truth, predicted, radius).Count(p => p >= 0);

    /// <summary>The pairs of such a matching, which begins with the nearest ones.</summary>
    /// <inheritdoc cref="Count"/>
    /// <returns>For each point of the other side the true one's index, or -1.</returns>
    public static int[] Partners(IReadOnlyList<Vector2> truth, IReadOnlyList<Vector2> predicted, double radius)
    {
        var near = Neighbours(truth, predicted, radius);
        var partner = new int[predicted.Count];
        Array.Fill(partner, -1);
        var paired = new bool[truth.Count];
        foreach (var (i, j) in near.SelectMany((all, i) => all.Select(j => (i, j))).OrderBy(p => Vector2.DistanceSquared(truth[p.i], predicted[p.j])))
        {
            if (!paired[i] && partner[j] < 0)
            {
                (paired[i], partner[j]) = (true, i);
            }
        }

        var visited = new int[predicted.Count];
        for (var i = 0; i < truth.Count; i++)
        {
            paired[i] = paired[i] || Augment(i, i + 1);
        }

        return partner;

        bool Augment(int i, int round)
        {
            foreach (var j in near[i])
            {
                if (visited[j] != round)
                {
                    visited[j] = round;
                    if (partner[j] < 0 || Augment(partner[j], round))
                    {
                        partner[j] = i;
                        return true;
                    }
                }
            }

            return false;
        }
    }

    /// <summary>For each true point the other side's points within the radius, the nearest first.</summary>
    private static int[][] Neighbours(IReadOnlyList<Vector2> truth, IReadOnlyList<Vector2> predicted, double radius)
    {
        // Cells as large as the radius: neighbours lie in the nine cells around.
        var cells = new Dictionary<(int, int), List<int>>();
        for (var j = 0; j < predicted.Count; j++)
        {
            var key = Cell(predicted[j]);
            if (!cells.TryGetValue(key, out var members))
            {
                cells.Add(key, members = []);
            }

            members.Add(j);
        }

        var near = new int[truth.Count][];
        var found = new List<(double Distance, int Index)>();
        for (var i = 0; i < truth.Count; i++)
        {
            found.Clear();
            var (cx, cy) = Cell(truth[i]);
            for (var y = cy - 1; y <= cy + 1; y++)
            {
                for (var x = cx - 1; x <= cx + 1; x++)
                {
                    foreach (var j in cells.TryGetValue((x, y), out var members) ? members : [])
                    {
                        double dx = truth[i].X - predicted[j].X;
                        double dy = truth[i].Y - predicted[j].Y;
                        var distance = Math.Sqrt((dx * dx) + (dy * dy));
                        if (distance <= radius)
                        {
                            found.Add((distance, j));
                        }
                    }
                }
            }

            found.Sort();
            near[i] = [.. found.Select(f => f.Index)];
        }

        return near;

        (int, int) Cell(Vector2 p) => ((int)Math.Floor(p.X / radius), (int)Math.Floor(p.Y / radius));
    }
}
