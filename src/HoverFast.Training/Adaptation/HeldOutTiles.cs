using HoverFast.Training.Data;

namespace HoverFast.Training.Adaptation;

/// <summary>
/// Which tiles which run does not see: each tile is held out by exactly one run, so that every tile is scored by weights that did not learn it. Nor its
/// likes: copies of one picture, and the tiles of one patient where names tell patients, are held out together.
/// </summary>
internal static class HeldOutTiles
{
    /// <summary>Deals the tiles out.</summary>
    /// <param name="names">All tiles.</param>
    /// <param name="runs">Runs wanted; there are no more of them than tiles, or patients.</param>
    /// <param name="picture">The hash of a tile's picture; null where no two are alike.</param>
    /// <returns>The tiles that each run holds out.</returns>
    /// <exception cref="TrainingException">All tiles show one picture.</exception>
    public static IReadOnlyList<IReadOnlyList<string>> Deal(IReadOnlyList<string> names, int runs, Func<string, UInt128>? picture = null)
    {
        var ordered = names.Order(StringComparer.Ordinal).ToList();
        List<List<string>> alone = [.. ordered.Select(n => new List<string> { n })];
        var units = picture is null ? alone : Joined(alone, picture);
        if (units.Count < 2 && ordered.Count > 1)
        {
            throw new TrainingException(
                $"all {ordered.Count} tiles show the same picture. Adapting needs at least two different ones, one to learn from and one to judge by.");
        }

        // One patient alone can't be both learned and held out.
        var ofPatients = Joined(units, PatientOf);
        var dealt = ofPatients.Count > 1 ? ofPatients : units;
        var parts = Enumerable.Range(0, Math.Min(runs, dealt.Count)).Select(_ => new List<string>()).ToList();

        // Dealt like cards, the largest first: neighbours by name are often neighbours on one slide.
        foreach (var unit in dealt.OrderByDescending(u => u.Count))
        {
            parts.MinBy(p => p.Count)!.AddRange(unit);
        }

        return [.. parts.Select(p => (IReadOnlyList<string>)[.. p.Order(StringComparer.Ordinal)])];
    }

    // Only a double underscore tells for sure: a tile without one is a patient of its own.
    private static string PatientOf(string name) => name.Contains("__", StringComparison.Ordinal) ? LabelledImage.GroupOf(name) + "__" : name;

    // Units with a key in common become one, in the place of the first of them.
    private static List<List<string>> Joined<TKey>(IReadOnlyList<List<string>> units, Func<string, TKey> keyOf)
        where TKey : notnull
    {
        var joined = new List<(List<string> Names, HashSet<TKey> Keys)>();
        foreach (var unit in units)
        {
            var keys = unit.Select(keyOf).ToHashSet();
            var alike = joined.FindAll(j => j.Keys.Overlaps(keys));
            if (alike.Count == 0)
            {
                joined.Add(([.. unit], keys));
                continue;
            }

            var first = alike[0];
            first.Names.AddRange([.. unit, .. alike.Skip(1).SelectMany(a => a.Names)]);
            first.Keys.UnionWith([.. keys, .. alike.Skip(1).SelectMany(a => a.Keys)]);
            joined.RemoveAll(j => alike.Skip(1).Any(a => a.Names == j.Names));
        }

        return joined.ConvertAll(j => j.Names);
    }
}
