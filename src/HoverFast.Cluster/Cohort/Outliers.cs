namespace HoverFast.Cluster.Cohort;

/// <summary>Values far from the others, told by the median and the median of absolute deviations (Iglewicz and Hoaglin, 1993).</summary>
internal static class Outliers
{
    /// <summary>The modified z-score beyond which a value is one.</summary>
    private const double Far = 3.5;

    /// <summary>Makes the median of absolute deviations a standard deviation, where values are normal.</summary>
    private const double Normal = 1.4826;

    /// <summary>Fewer values tell no rule.</summary>
    private const int Fewest = 8;

    /// <summary>Finds them.</summary>
    /// <param name="values">The values; NaN where there is none. Where all are positive, their logarithms count: counts and areas are skewed.</param>
    /// <returns>Position and score of each.</returns>
    public static IReadOnlyList<(int Index, double Score)> Of(double[] values)
    {
        var known = values.Where(double.IsFinite).ToArray();
        if (known.Length < Fewest)
        {
            return [];
        }

        Func<double, double> scale = known.All(v => v > 0) ? Math.Log : v => v;
        var middle = Median(known.Select(scale));
        var spread = Normal * Median(known.Select(v => Math.Abs(scale(v) - middle)));
        return spread == 0 ? [] :
        [
            .. values.Select((v, i) => (Index: i, Score: double.IsFinite(v) ? (scale(v) - middle) / spread : 0)).Where(o => Math.Abs(o.Score) > Far),
        ];
    }

    /// <summary>The median of at least one value: of an even number of them the mean of both in the middle.</summary>
    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
