using HoverFast.Evaluation;
using HoverFast.Quality;

namespace HoverFast.Training.Trust;

/// <summary>A labelled picture, as it is or made worse, with what was seen in it and how good the answer was.</summary>
internal sealed record TrustSample
{
    /// <summary>The set.</summary>
    public required string Set { get; init; }

    /// <summary>The pictures of one laboratory: what is left out together.</summary>
    public string Family => Set == "dsb2018/purple" ? Set : Set[..Set.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>Whether no student was trained on the set.</summary>
    public bool IsUnseen => !Set.EndsWith("/train", StringComparison.Ordinal);

    /// <summary>The picture's name.</summary>
    public required string Name { get; init; }

    /// <summary>What was done to it.</summary>
    public required Degradation Degradation { get; init; }

    /// <summary>Whether match probability and expected accuracy are fitted to it: neither of a drawn kind nor of the set for shift alone.</summary>
    public bool IsFitted => Degradation <= Degradation.Contrast && !TrustSet.IsReference(Set);

    /// <summary>How much.</summary>
    public required double Strength { get; init; }

    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>The answer against people's labels.</summary>
    public required SegmentationScore Score { get; init; }

    /// <summary>What was seen, over the whole picture.</summary>
    public required FieldSums Sums { get; init; }

    /// <summary>The nuclei found.</summary>
    public required IReadOnlyList<JudgedNucleus> Nuclei { get; init; }

    /// <summary>The same with the match probabilities of a calibration.</summary>
    public TrustSample By(MatchCard card)
    {
        var sums = new FieldSums(Sums.Column, Sums.Row, [.. Sums.Values]);
        var calibration = new MatchCalibration(card, Model);
        var matches = Nuclei.Select(n => (double)calibration.Probability(n.Evidence)).DefaultIfEmpty(0).ToList();
        sums[FieldNumber.Match] = Sum(matches.Average());
        sums[FieldNumber.MatchLogit] = Nuclei.Count == 0 ? 0 : Sum(matches.Average(FieldGatherer.LogitOf));
        return this with { Sums = sums };

        long Sum(double mean) => (long)Math.Round(mean * sums[FieldNumber.Nuclei] * FieldSums.One);
    }
}
