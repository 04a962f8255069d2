using HoverFast.Quality;

namespace HoverFast.Training.Trust;

/// <summary>
/// Fits what tells a tissue from those that a student learned: logistic regression with a ridge, both sides weighing the same, and a limit on the
/// distance from the tissue's mean, by the covariance within all tissues whose correlations are shrunk.
/// </summary>
internal static class TissueFit
{
    /// <summary>What correlations are multiplied by: there are few places for so many figures.</summary>
    private const double Correlations = 0.7;

    private const double CutOff = 5;

    /// <summary>What all places of a side count for, against a ridge of 1.</summary>
    private const double SideWeight = 50;

    /// <summary>How much further than its own places, each seen from the others, a place of the tissue may lie; and how far in any case.</summary>
    private const double Further = 1.5;
    private const double LeastLimit = 60;

    /// <summary>Fits.</summary>
    /// <param name="known">The others.</param>
    /// <param name="own">What was seen of the tissue, at least one place.</param>
    public static TissueCard Fit(KnownTissues known, IReadOnlyList<FieldSums> own)
    {
        var mine = own.Select(known.Scaled).ToList();
        var others = known.Tissues.Values.SelectMany(t => t).ToList();
        List<double[]> rows = [.. mine.Concat(others).Select(r => Array.ConvertAll(r, v => Math.Clamp(v, -CutOff, CutOff)))];
        var fitted = LogisticFit.Fit(
            rows,
            [.. rows.Select((_, i) => i < mine.Count)],
            [.. rows.Select((_, i) => SideWeight / (i < mine.Count ? mine.Count : others.Count))],
            ridge: 1);
        var mean = Mean(mine);
        var precision = Precision([.. known.Tissues.Values, mine]);

        // A mean that a place took part in lies nearer to it than to the next one.
        var apart = Math.Pow(mine.Count / Math.Max(1.0, mine.Count - 1), 2);
        var farthest = mine.Max(r => FigureScale.Distance(r, mean, precision)) * apart;
        return new TissueCard
        {
            Inputs = known.Inputs,
            CutOff = CutOff,
            Weights = [.. fitted.Skip(1).Select(Round)],
            Constant = Round(fitted[0]),
            Own = [.. mean.Select(Round)],
            Precision = precision,
            Limit = Round(Math.Max(LeastLimit, Further * farthest)),
        };
    }

    private static IReadOnlyList<IReadOnlyList<double>> Precision(IReadOnlyList<IReadOnlyList<double[]>> tissues)
    {
        var n = tissues[0][0].Length;
        var within = new double[n, n];
        var freedom = (double)tissues.Sum(t => t.Count - 1);
        foreach (var tissue in tissues)
        {
            var mean = Mean(tissue);
            foreach (var row in tissue)
            {
                for (var i = 0; i < n; i++)
                {
                    for (var j = 0; j < n; j++)
                    {
                        within[i, j] += (row[i] - mean[i]) * (row[j] - mean[j]) / freedom * (i == j ? 1 : Correlations);
                    }
                }
            }
        }

        return [.. LinearSystem.Inverse(within).Select(row => Array.ConvertAll(row, Round))];
    }

    private static double[] Mean(IReadOnlyList<double[]> rows) => [.. rows[0].Select((_, i) => rows.Average(r => r[i]))];

    private static double Round(double value) => Math.Round(value, 5);
}
