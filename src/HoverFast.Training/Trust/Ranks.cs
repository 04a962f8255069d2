namespace HoverFast.Training.Trust;

/// <summary>Statistics of ranks; ties share their mean rank.</summary>
internal static class Ranks
{
    /// <summary>Spearman's rank correlation.</summary>
    public static double Spearman(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        var (x, y) = (Of(a), Of(b));
        var mean = (a.Count + 1) / 2.0;
        double xy = 0, xx = 0, yy = 0;
        for (var i = 0; i < a.Count; i++)
        {
            xy += (x[i] - mean) * (y[i] - mean);
            xx += (x[i] - mean) * (x[i] - mean);
            yy += (y[i] - mean) * (y[i] - mean);
        }

        return xx > 0 && yy > 0 ? xy / Math.Sqrt(xx * yy) : 0;
    }

    /// <summary>
    /// Area under the receiver operating characteristic: the chance that one of <paramref name="above"/> is larger than one of <paramref name="below"/>.
    /// </summary>
    public static double Auroc(IReadOnlyList<double> below, IReadOnlyList<double> above)
    {
        var ranks = Of([.. below, .. above]);
        var sum = ranks.Skip(below.Count).Sum();
        return (sum - (above.Count * (above.Count + 1) / 2.0)) / ((double)below.Count * above.Count);
    }

    private static double[] Of(IReadOnlyList<double> values)
    {
        var order = Enumerable.Range(0, values.Count).OrderBy(i => values[i]).ToArray();
        var ranks = new double[values.Count];
        for (var i = 0; i < order.Length;)
        {
            var end = i + 1;
            while (end < order.Length && values[order[end]] == values[order[i]])
            {
                end++;
            }

            for (var k = i; k < end; k++)
            {
                ranks[order[k]] = (i + 1 + end) / 2.0;
            }

            i = end;
        }

        return ranks;
    }
}
