namespace HoverFast.Quality;

/// <summary>
/// Finds folds: two layers of tissue one above the other, so that both stains are much stronger than is usual on the slide and around, in two blocks or more
/// beside each other. Dense nuclei have more haematoxylin only, muscle and blood more eosin only.
/// </summary>
internal static class FoldFinder
{
    /// <summary>Both stains against the usual ones from which on a block is a fold's.</summary>
    private const double Stronger = 1.4;

    /// <summary>The share of blocks that are paler than the usual one, and the least density that counts for it.</summary>
    private const double Usual = 0.4;
    private const double Faintest = 0.05;

    /// <summary>The fields of a slide that a fold runs through.</summary>
    public static IReadOnlySet<(int Row, int Column)> Find(BlockGrid grid)
    {
        if (grid.Blocks.Count < BlockGrid.Few)
        {
            return new HashSet<(int, int)>();
        }

        var everywhere = UsualOf([.. grid.Blocks.Values]);
        var fields = grid.Blocks.GroupBy(b => BlockGrid.FieldOf(b.Key)).ToDictionary(g => g.Key, g => g.ToList());
        var folded = new HashSet<(int Row, int Column)>();
        foreach (var (field, blocks) in fields)
        {
            if (!blocks.Exists(b => IsFold(b.Value, everywhere)))
            {
                continue;
            }

            var here = UsualOf([.. BlockGrid.Around(field).SelectMany(f => fields.GetValueOrDefault(f) ?? []).Select(b => b.Value)]);
            folded.UnionWith(blocks.Where(b => IsFold(b.Value, everywhere) && IsFold(b.Value, here)).Select(b => b.Key));
        }

        return folded.Where(b => BlockGrid.Beside(b).Any(folded.Contains)).Select(BlockGrid.FieldOf).ToHashSet();
    }

    private static bool IsFold(BlockGrid.Block block, (double Haematoxylin, double Eosin) usual) =>
        block.Haematoxylin > Stronger * usual.Haematoxylin && block.Eosin > Stronger * usual.Eosin;

    private static (double Haematoxylin, double Eosin) UsualOf(IReadOnlyCollection<BlockGrid.Block> blocks) =>
    (
        Math.Max(Faintest, BlockGrid.Quantile(blocks.Select(b => b.Haematoxylin), Usual)),
        Math.Max(Faintest, BlockGrid.Quantile(blocks.Select(b => b.Eosin), Usual)));
}
