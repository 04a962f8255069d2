using HoverFast.Evaluation;

namespace HoverFast.Training.Adaptation;

/// <summary>One share of the way from the start to the trained weights, and what it gives.</summary>
/// <param name="Share">The share, above 0 and at most 1.</param>
/// <param name="Own">The user's tiles, each scored by weights that did not learn it.</param>
/// <param name="Checks">Sets on which the model must not get worse.</param>
internal sealed record Choice(double Share, PairedReport Own, IReadOnlyList<PairedReport> Checks)
{
    /// <summary>The user's tiles and all checked sets.</summary>
    public IEnumerable<PairedReport> All => Checks.Prepend(Own);

    /// <summary>The largest mean loss of panoptic quality among the checked sets; below 0 where all gain.</summary>
    public double WorstLoss => Checks.Select(c => -c.Gain.Mean).Where(l => !double.IsNaN(l)).DefaultIfEmpty(0).Max();

    /// <summary>Whether no checked set loses more than allowed.</summary>
    public bool IsHarmless(double mostLoss) => WorstLoss <= mostLoss;

    /// <summary>The best gain on the user's tiles among the harmless; the least harmful where all do harm.</summary>
    public static Choice Best(IReadOnlyList<Choice> all, double mostLoss)
    {
        var harmless = all.Where(c => c.IsHarmless(mostLoss)).ToList();
        return harmless.Count > 0 ? harmless.MaxBy(c => c.Own.Gain.Mean)! : all.MinBy(c => c.WorstLoss)!;
    }
}
