namespace HoverFast.Quality;

/// <summary>
/// Finds bubbles of air under the cover slip: a region of blocks without fine steps, where much of the slide is sharper, with a dark grey rim in or beside it.
/// A slide that is blurred throughout has none.
/// </summary>
internal static class BubbleFinder
{
    /// <summary>Sharpness below which a block is soft, and by how much the sharper quarter of the slide's blocks must be above it.</summary>
    private const double Soft = -2.4;
    private const double Softer = 0.25;
    private const double SharperShare = 0.75;

    /// <summary>What a block of the rim has more of grey pixels than is usual.</summary>
    private const double Rim = 0.02;

    /// <summary>Blocks that a bubble has at least, and its rim.</summary>
    private const int LeastRegion = 3;
    private const int LeastRim = 2;

    /// <summary>The fields of a slide that a bubble lies over.</summary>
    public static IReadOnlySet<(int Row, int Column)> Find(BlockGrid grid)
    {
        var found = new HashSet<(int, int)>();
        if (grid.Blocks.Count < BlockGrid.Few)
        {
            return found;
        }

        var limit = Math.Min(Soft, BlockGrid.Quantile(grid.Blocks.Values.Select(b => b.Sharpness), SharperShare) - Softer);
        var grey = BlockGrid.Quantile(grid.Blocks.Values.Select(b => b.Grey), 0.5) + Rim;
        var soft = grid.Blocks.Where(b => b.Value.Sharpness < limit).Select(b => b.Key).ToHashSet();
        while (soft.Count > 0)
        {
            var region = Take(soft);
            var rim = region.SelectMany(BlockGrid.Around).Distinct().Count(b => grid.Blocks.TryGetValue(b, out var block) && block.Grey > grey);
            if (region.Count >= LeastRegion && rim >= LeastRim)
            {
                found.UnionWith(region.Select(BlockGrid.FieldOf));
            }
        }

        return found;
    }

    /// <summary>Takes a block with all that are connected to it.</summary>
    private static List<(int Row, int Column)> Take(HashSet<(int Row, int Column)> blocks)
    {
        List<(int Row, int Column)> region = [blocks.First()];
        blocks.Remove(region[0]);
        for (var i = 0; i < region.Count; i++)
        {
            region.AddRange(BlockGrid.Beside(region[i]).Where(blocks.Remove));
        }

        return region;
    }
}
