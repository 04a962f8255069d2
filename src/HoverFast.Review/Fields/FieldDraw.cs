namespace HoverFast.Review.Fields;

/// <summary>
/// Draws cells without repetition, each as likely as it holds tissue, so that every spot of tissue is as likely as any other to be looked at: systematic
/// sampling
/// with probability proportional to size from a list in random order (Hartley and Rao, Ann. Math. Stat. 33, 1962). The chances are exact, which estimates need.
/// </summary>
internal static class FieldDraw
{
    /// <summary>Draws.</summary>
    /// <param name="cells">What there is to draw from.</param>
    /// <param name="count">How many; all where there are no more.</param>
    /// <param name="random">The source of chance.</param>
    /// <returns>The cells in random order, each with its chance to be drawn.</returns>
    public static IReadOnlyList<(Cell Cell, double Inclusion)> Draw(IReadOnlyList<Cell> cells, int count, Random random)
    {
        Cell[] left = [.. cells];
        random.Shuffle(left);
        var drawn = new List<(Cell, double)>();

        // A cell with more tissue than a draw stands for is taken for certain, and the rest drawn from what is left.
        for (var certain = true; certain && left.Length > 0 && drawn.Count < count;)
        {
            var per = left.Sum(c => c.Tissue) / (count - drawn.Count);
            var sure = Array.FindAll(left, c => c.Tissue >= per * (1 - 1e-9));
            certain = sure.Length > 0;
            drawn.AddRange(sure.Select(c => (c, 1.0)));
            left = Array.FindAll(left, c => !sure.Contains(c));
        }

        var wanted = count - drawn.Count;
        if (wanted > 0 && left.Length > 0)
        {
            var per = left.Sum(c => c.Tissue) / wanted;
            var (next, passed) = (random.NextDouble() * per, 0.0);
            foreach (var cell in left)
            {
                passed += cell.Tissue;
                if (passed > next)
                {
                    drawn.Add((cell, cell.Tissue / per));
                    next += per;
                }
            }
        }

        // Those who review the first few review a random part.
        var order = drawn.ToArray();
        random.Shuffle(order);
        return order;
    }
}
