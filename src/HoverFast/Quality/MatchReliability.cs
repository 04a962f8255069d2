namespace HoverFast.Quality;

/// <summary>How well estimated probabilities hold on a set that was left out of the fit.</summary>
internal sealed record MatchReliability
{
    /// <summary>Equal steps of probability that are looked at.</summary>
    public const int Bins = 10;

    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>The set; "all" for the nuclei of all sets together.</summary>
    public required string Set { get; init; }

    /// <summary>Nuclei.</summary>
    public required int Nuclei { get; init; }

    /// <summary>Mean of the estimated probabilities.</summary>
    public required double Estimated { get; init; }

    /// <summary>Share of the nuclei that a person's outline matches.</summary>
    public required double Matched { get; init; }

    /// <summary>Expected calibration error over ten bins of equal width (Guo et al., ICML 2017).</summary>
    public required double Error { get; init; }

    /// <summary>Nuclei, mean probability and matched share of each bin; empty bins have zeros.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Diagram { get; init; }

    /// <summary>Measures.</summary>
    /// <param name="model">The model.</param>
    /// <param name="set">The set.</param>
    /// <param name="judged">Probability and truth of each nucleus.</param>
    public static MatchReliability Of(string model, string set, IReadOnlyList<(double Probability, bool IsMatched)> judged)
    {
        var bins = new double[Bins][];
        for (var i = 0; i < Bins; i++)
        {
            var bin = judged.Where(j => Math.Min(Bins - 1, (int)(j.Probability * Bins)) == i).ToList();
            bins[i] = bin.Count == 0 ? [0, 0, 0] : [bin.Count, Round(bin.Average(j => j.Probability)), Round(bin.Average(j => j.IsMatched ? 1 : 0))];
        }

        return new MatchReliability
        {
            Model = model,
            Set = set,
            Nuclei = judged.Count,
            Estimated = judged.Count == 0 ? 0 : Round(judged.Average(j => j.Probability)),
            Matched = judged.Count == 0 ? 0 : Round(judged.Average(j => j.IsMatched ? 1 : 0)),
            Error = judged.Count == 0 ? 0 : Round(bins.Sum(b => b[0] * Math.Abs(b[1] - b[2])) / judged.Count),
            Diagram = bins,
        };
    }

    private static double Round(double value) => Math.Round(value, 4);
}
