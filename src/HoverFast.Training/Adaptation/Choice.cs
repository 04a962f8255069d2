using HoverFast.Evaluation;

namespace HoverFast.Training.Adaptation;

/// <summary>One share of the way from the start to the trained weights, and what it gives.</summary>
/// <param name="Share">The share, above 0 and at most 1.</param>
/// <param name="Own">The user's tiles, each scored by weights that did not learn it.</param>
/// <param name="Checks">Sets on which the model must not get worse.</param>
internal sealed record Choice(double Share, PairedReport Own, IReadOnlyList<PairedReport> Checks)
{
    /// <summary>Differences of a share's gain that chance makes.</summary>
    private const double Chance = 0.005;

    /// <summary>The user's tiles and all checked sets.</summary>
    public IEnumerable<PairedReport> All => Checks.Prepend(Own);

    /// <summary>
    /// Gain on the user's tiles by which shares are compared: the mean over tiles of PQ, AJI and Dice together, less noisy on few tiles than PQ alone.
    /// </summary>
    public double OwnGain => Own.Difference(s => (s.PanopticQuality + s.Aji + s.Dice) / 3).Mean;

    /// <summary>The largest loss among the checked sets, each over all its nuclei.</summary>
    public double WorstLoss { get; } = Checks.Select(c => -c.PooledGain.Mean).Where(l => !double.IsNaN(l)).DefaultIfEmpty(0).Max();

    /// <summary>
    /// Whether no checked set loses more than allowed, and a fifth: the start learned from the crops that come with the program, and loses more on them than on
    /// unseen ones.
    /// </summary>
    public bool IsHarmless(double mostLoss) => WorstLoss <= 1.2 * mostLoss;

    /// <summary>
    /// Of the harmless, the largest share whose gain on the user's tiles is the best, or as good but for chance: the model that ships learned all tiles, and
    /// goes further with them than the runs by which it is judged. One that loses PQ on them is not taken where another gains. Where all do harm, the least
    /// harmful.
    /// </summary>
    /// <param name="all">The shares.</param>
    /// <param name="mostLoss">Most PQ that a checked set may lose.</param>
    /// <param name="isMean">
    /// Whether the mean of all runs ships. Single runs gain less and less towards their ends where that mean still gains: half of the best is good enough then.
    /// </param>
    public static Choice Best(IReadOnlyList<Choice> all, double mostLoss, bool isMean = false)
    {
        var harmless = all.Where(c => c.IsHarmless(mostLoss)).ToList();
        if (harmless.Count == 0)
        {
            return all.MinBy(c => c.WorstLoss)!;
        }

        var best = harmless.Max(h => h.OwnGain);
        var enough = isMean ? Math.Min(best - Chance, best / 2) : best - Chance;
        var good = harmless.Where(c => c.OwnGain >= enough).ToList();
        return good.Where(c => c.Own.Gain.Mean > 0).MaxBy(c => c.Share) ?? good.MaxBy(c => c.Share)!;
    }
}
