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

        // What a search visited in vain leads nowhere in later ones either: it stays closed, so that each point is looked at in vain but once.
        var closed = new bool[predicted.Count];
        var visited = new List<int>();
        var path = new Stack<(int Point, int Next)>();
        for (var i = 0; i < truth.Count; i++)
        {
            if (!paired[i])
            {
                Augment(i);
            }
        }

        return partner;

        // Depth first, on a stack of its own: a path may lead through all points.
        void Augment(int start)
        {
            visited.Clear();
            path.Push((start, 0));
            while (path.TryPop(out var top))
            {
                var (i, next) = top;
                while (next < near[i].Length && closed[near[i][next]])
                {
                    next++;
                }

                if (next == near[i].Length)
                {
                    continue;
                }

                var j = near[i][next];
                closed[j] = true;
                visited.Add(j);
                path.Push((i, next + 1));
                if (partner[j] >= 0)
                {
                    path.Push((partner[j], 0));
                    continue;
                }

                // All along the path each takes the partner of the next.
                while (path.TryPop(out var step))
                {
                    partner[near[step.Point][step.Next - 1]] = step.Point;
                }

                visited.ForEach(v => closed[v] = false);
            }
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
