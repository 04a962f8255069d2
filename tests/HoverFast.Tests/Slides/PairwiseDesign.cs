namespace HoverFast.Tests.Slides;

/// <summary>A small set of combinations in which every two values of different factors that can meet do meet. The same seed gives the same set.</summary>
internal static class PairwiseDesign
{
    /// <summary>Chooses the combinations.</summary>
    /// <param name="factors">The values of each factor.</param>
    /// <param name="isPossible">Whether a combination can be made.</param>
    /// <param name="seed">Which of the many sets.</param>
    public static List<T[]> Choose<T>(IReadOnlyList<T[]> factors, Func<T[], bool> isPossible, int seed)
        where T : notnull
    {
        var random = new Random(seed);
        var all = All(factors, 0, new T[factors.Count]).Where(isPossible).OrderBy(_ => random.Next()).ToList();
        var open = all.SelectMany(Pairs).ToHashSet();
        var chosen = new List<T[]>();
        while (open.Count > 0)
        {
            var best = all.MaxBy(c => Pairs(c).Count(open.Contains))!;
            open.ExceptWith(Pairs(best));
            chosen.Add(best);
        }

        return chosen;
    }

    private static IEnumerable<T[]> All<T>(IReadOnlyList<T[]> factors, int at, T[] values)
    {
        if (at == factors.Count)
        {
            yield return (T[])values.Clone();
            yield break;
        }

        foreach (var value in factors[at])
        {
            values[at] = value;
            foreach (var combination in All(factors, at + 1, values))
            {
                yield return combination;
            }
        }
    }

    private static IEnumerable<(int, int, T, T)> Pairs<T>(T[] values)
    {
        for (var a = 0; a < values.Length; a++)
        {
            for (var b = a + 1; b < values.Length; b++)
            {
                yield return (a, b, values[a], values[b]);
            }
        }
    }
}
