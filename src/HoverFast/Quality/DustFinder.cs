namespace HoverFast.Quality;

/// <summary>
/// Finds dust: specks and fibres that are dark and of no colour, as no stain is, and larger than a nucleus. They may lie on tissue or on the glass beside it.
/// </summary>
internal static class DustFinder
{
    /// <summary>Least share of four blocks that meet in a corner that dust covers, of one block: 80 um2, a speck of 10 um.</summary>
    private const double Least = 0.08;

    /// <summary>The fields of a slide that dust lies in.</summary>
    /// <param name="map">The fields.</param>
    public static IReadOnlySet<(int Row, int Column)> Find(FieldMap map)
    {
        var dusty = new Dictionary<(int Row, int Column), int>();
        var whole = 0;
        foreach (var field in map.Fields)
        {
            for (var i = 0; i < FieldSums.BlocksInField; i++)
            {
                var block = field.BlockAt(i);
                whole = Math.Max(whole, block[(int)BlockNumber.Pixels]);
                if (block[(int)BlockNumber.Dust] is > 0 and var dust)
                {
                    dusty.Add(BlockGrid.PlaceOf(field, i), dust);
                }
            }
        }

        // A speck can lie on the corner of four blocks; those that hold a good part of it are its own.
        var found = new HashSet<(int, int)>();
        foreach (var (row, column) in dusty.Keys.SelectMany(b => Meeting((b.Row - 1, b.Column - 1))).Distinct())
        {
            var corner = Meeting((row, column)).Where(dusty.ContainsKey).ToList();
            var sum = corner.Sum(b => dusty[b]);
            if (sum >= Least * whole)
            {
                found.UnionWith(corner.Where(b => 4 * dusty[b] >= sum).Select(BlockGrid.FieldOf));
            }
        }

        return found;
    }

    /// <summary>A block with those to the right, below, and between.</summary>
    private static IEnumerable<(int Row, int Column)> Meeting((int Row, int Column) first) =>
        Enumerable.Range(0, 4).Select(i => (first.Row + (i / 2), first.Column + (i % 2)));
}
