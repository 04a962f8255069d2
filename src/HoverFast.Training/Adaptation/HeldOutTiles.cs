namespace HoverFast.Training.Adaptation;

/// <summary>
/// Which tiles which run does not see: each tile is held out by exactly one run, so that every tile is scored by weights that did not learn it.
/// </summary>
internal static class HeldOutTiles
{
    /// <summary>Deals the tiles out.</summary>
    /// <param name="names">All tiles.</param>
    /// <param name="runs">Runs wanted; there are no more of them than tiles.</param>
    /// <returns>The tiles that each run holds out.</returns>
    public static IReadOnlyList<IReadOnlyList<string>> Deal(IReadOnlyList<string> names, int runs)
    {
        var ordered = names.Order(StringComparer.Ordinal).ToList();
        var count = Math.Min(runs, ordered.Count);

        // Dealt like cards: neighbours by name are often neighbours on one slide.
        return [.. Enumerable.Range(0, count).Select(r => (IReadOnlyList<string>)[.. ordered.Where((_, i) => i % count == r)])];
    }
}
