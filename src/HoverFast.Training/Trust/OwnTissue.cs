using HoverFast.Quality;

namespace HoverFast.Training.Trust;

/// <summary>The numbers that tell somebody's own tissue from what a student learned, with their bar (<see cref="TissueBar"/>).</summary>
/// <param name="Whole">Those of all tiles.</param>
/// <param name="Parts">Those of each part, without the tiles that it holds out.</param>
/// <param name="Known">Held-out tiles that are known by the numbers of their part.</param>
internal sealed record OwnTissue(TissueCard Whole, IReadOnlyList<TissueCard> Parts, int Known)
{
    /// <summary>Fits them.</summary>
    /// <param name="known">What the student learned.</param>
    /// <param name="held">What was seen of the tiles, by the part that holds them out.</param>
    /// <param name="earlier">Places of the same tissue in no part.</param>
    /// <returns>Null where a part shows nothing of the tissue.</returns>
    public static OwnTissue? Of(
        KnownTissues known,
        IReadOnlyList<IReadOnlyList<IReadOnlyList<FieldSums>>> held,
        IReadOnlyList<IReadOnlyList<FieldSums>> earlier)
    {
        var places = held.Select(Telling).ToList();
        var before = Telling(earlier);
        var others = places.Select((_, r) => before.Concat(places.Where((_, i) => i != r).SelectMany(p => p)).ToList()).ToList();
        if (others.Exists(o => o.Count == 0))
        {
            return null;
        }

        var parts = others.Zip(held, (o, h) => (Card: TissueFit.Fit(known, o), Tiles: h)).ToList();
        var bar = TissueBar.Of(parts);
        var whole = TissueFit.Fit(known, [.. before, .. places.SelectMany(p => p)]);
        return new OwnTissue(whole.Stricter(bar), [.. parts.Select(p => p.Card.Stricter(bar))], TissueBar.Known(parts, bar));
    }

    private static List<FieldSums> Telling(IReadOnlyList<IReadOnlyList<FieldSums>> tiles) => [.. tiles.SelectMany(t => t).Where(TissueRecogniser.IsTelling)];
}
