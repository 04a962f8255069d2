using HoverFast.Quality;

namespace HoverFast.Training.Trust;

/// <summary>
/// How much must speak for the own tissue before a place is taken for it. Tissue that is neither the own nor like what the student learned, as H&amp;E of
/// another laboratory, often lies just above zero; the bar is raised as far as no tile of the own falls below it, each seen by numbers that don't know it.
/// </summary>
internal static class TissueBar
{
    /// <summary>Fewer tiles can't tell how high the bar may be.</summary>
    private const int FewestTiles = 10;

    private const double Highest = 1;
    private const double Step = 0.25;

    /// <summary>The bar, in logits: 0, or more where enough tiles allow it.</summary>
    /// <param name="held">Numbers, each with what was seen of the tiles that they don't know.</param>
    public static double Of(IReadOnlyList<(TissueCard Card, IReadOnlyList<IReadOnlyList<FieldSums>> Tiles)> held)
    {
        var bar = 0.0;
        if (held.Sum(h => h.Tiles.Count) >= FewestTiles)
        {
            var known = Known(held, bar);
            while (bar < Highest && Known(held, bar + Step) == known)
            {
                bar += Step;
            }
        }

        return bar;
    }

    /// <summary>How many of the tiles are known at a bar.</summary>
    public static int Known(IEnumerable<(TissueCard Card, IReadOnlyList<IReadOnlyList<FieldSums>> Tiles)> held, double bar) =>
        held.Sum(h => h.Tiles.Count(new TissueRecogniser(h.Card.Stricter(bar)).AreOwn));
}
