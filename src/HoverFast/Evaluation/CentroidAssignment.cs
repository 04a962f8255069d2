using System.Numerics;

namespace HoverFast.Evaluation;

/// <summary>
/// Pairs nuclei as HoVer-Net's evaluation does: all of the smaller side get a partner so that the distances of all pairs together are least, however far
/// apart; only then are pairs beyond the radius parted. So fewer pairs are left than <see cref="CentroidMatching"/> finds, where one side has more nuclei.
/// </summary>
internal static class CentroidAssignment
{
    /// <summary>Nuclei on the smaller side times those on the larger that are paired in seconds; the time grows faster than their product.</summary>
    private const long Most = 20_000L * 20_000;

    /// <summary>Whether so many nuclei can be paired in a time that anybody waits for.</summary>
    public static bool CanPair(int truth, int found) => (long)truth * found <= Most;

    /// <summary>Pairs.</summary>
    /// <param name="truth">Points of one side.</param>
    /// <param name="found">Points of the other side.</param>
    /// <param name="radius">In the points' unit; a distance equal to it still counts.</param>
    /// <returns>For each point of the other side the true one's index, or -1.</returns>
    public static int[] Partners(IReadOnlyList<Vector2> truth, IReadOnlyList<Vector2> found, double radius)
    {
        var isFewer = truth.Count <= found.Count;
        Vector2[] few = [.. isFewer ? truth : found];
        Vector2[] many = [.. isFewer ? found : truth];
        var ofMany = Assign(few, many);
        var partners = new int[found.Count];
        Array.Fill(partners, -1);
        for (var j = 0; j < many.Length; j++)
        {
            if (ofMany[j] is >= 0 and var i && Distance(few[i], many[j]) <= radius)
            {
                partners[isFewer ? j : i] = isFewer ? i : j;
            }
        }

        return partners;
    }

    // Shortest augmenting paths (Crouse, On implementing 2D rectangular assignment algorithms, IEEE TAES 2016): one of the few after the other gets a partner,
    // and prices keep every distance that is looked at from being negative.
    private static int[] Assign(Vector2[] few, Vector2[] many)
    {
        var ofMany = new int[many.Length];
        var ofFew = new int[few.Length];
        Array.Fill(ofMany, -1);
        var (priceOfFew, priceOfMany) = (new double[few.Length], new double[many.Length]);
        var (shortest, before, open) = (new double[many.Length], new int[many.Length], new int[many.Length]);
        var reached = new List<int>();
        for (var start = 0; start < few.Length; start++)
        {
            Array.Fill(shortest, double.PositiveInfinity);
            for (var j = 0; j < open.Length; j++)
            {
                open[j] = j;
            }

            reached.Clear();
            var (left, length, i, end) = (open.Length, 0.0, start, -1);
            while (end < 0)
            {
                var nearest = 0;
                for (var o = 0; o < left; o++)
                {
                    var j = open[o];
                    var through = length + Distance(few[i], many[j]) - priceOfFew[i] - priceOfMany[j];
                    if (through < shortest[j])
                    {
                        (shortest[j], before[j]) = (through, i);
                    }

                    // Of places as near, one without a partner ends the search.
                    var best = open[nearest];
                    if (shortest[j] < shortest[best] || (shortest[j] == shortest[best] && ofMany[j] < 0 && ofMany[best] >= 0))
                    {
                        nearest = o;
                    }
                }

                var next = open[nearest];
                open[nearest] = open[--left];
                length = shortest[next];
                reached.Add(next);
                if (ofMany[next] < 0)
                {
                    end = next;
                }
                else
                {
                    i = ofMany[next];
                }
            }

            priceOfFew[start] += length;
            foreach (var j in reached)
            {
                var gain = length - shortest[j];
                priceOfMany[j] -= gain;
                if (ofMany[j] >= 0)
                {
                    priceOfFew[ofMany[j]] += gain;
                }
            }

            for (var j = end; j >= 0;)
            {
                var of = before[j];
                ofMany[j] = of;
                (ofFew[of], j) = (j, of == start ? -1 : ofFew[of]);
            }
        }

        return ofMany;
    }

    private static double Distance(Vector2 a, Vector2 b)
    {
        double dx = a.X - b.X;
        double dy = a.Y - b.Y;
        return Math.Sqrt((dx * dx) + (dy * dy));
    }
}
