using HoverFast.Evaluation;
using HoverFast.Nuclei;
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

    /// <summary>The answer against people's labels; <see cref="By"/> leaves out what is unlikely to be right.</summary>
    public required SegmentationScore Score { get; init; }

    /// <summary>What was seen, over the whole picture.</summary>
    public required FieldSums Sums { get; init; }

    /// <summary>The nuclei drawn, also those that are left out later.</summary>
    public required IReadOnlyList<JudgedNucleus> Nuclei { get; init; }

    /// <summary>The same as the program would answer with a calibration: by its match probabilities, without the nuclei that it leaves out.</summary>
    public TrustSample By(MatchCard card)
    {
        var calibration = new MatchCalibration(card, Model);
        var kept = Nuclei
            .Select(n => (Nucleus: n, Match: calibration.Probability(n.Evidence)))
            .Where(n => n.Match >= FinderSettings.LikelyEnough)
            .ToList();
        var sums = new FieldSums(Sums.Column, Sums.Row, [.. Sums.Values]);
        FieldGatherer.ClearNuclei(sums);
        foreach (var (nucleus, match) in kept)
        {
            FieldGatherer.AddNucleus(sums, nucleus.Area, match, nucleus.Evidence);
        }

        return this with
        {
            Sums = sums,
            Nuclei = [.. kept.Select(n => n.Nucleus)],
            Score = Score with
            {
                PredictedCount = kept.Count,
                PredictedPixels = kept.Sum(n => n.Nucleus.Pixels),
                SharedPixels = kept.Sum(n => n.Nucleus.Shared),
                Matched = kept.Count(n => n.Nucleus.IsMatched),
                MatchedIou = kept.Sum(n => n.Nucleus.Iou),
            },
        };
    }
}
