namespace HoverFast.Training.Adaptation;

/// <summary>A figure over several seeds. Of two or three values the range says more than a deviation that is estimated from them.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="HalfRange">Half the distance of the largest from the smallest; null where there is one seed, of which nothing is known.</param>
internal readonly record struct SeedSpread(double Mean, double? HalfRange)
{
    /// <summary>PQ over the seeds of the same tissue, way, tiles and set.</summary>
    /// <param name="points">At least one.</param>
    public static SeedSpread Of(IEnumerable<CurvePoint> points)
    {
        double[] values = [.. points.Select(p => p.Pq)];
        return new SeedSpread(values.Average(), values.Length < 2 ? null : (values.Max() - values.Min()) / 2);
    }

    /// <summary>The figure's change from a fixed one.</summary>
    public SeedSpread Less(double value) => this with { Mean = Mean - value };

    /// <summary>What a fixed figure loses against this one.</summary>
    public SeedSpread From(double value) => this with { Mean = value - Mean };

    /// <summary>As a cell of a table: "0.643" or "0.643 ± 0.004".</summary>
    /// <param name="format">Writes the mean.</param>
    public string ToText(Func<double, string> format) =>
        HalfRange is { } half ? FormattableString.Invariant($"{format(Mean)} ± {half:0.000}") : format(Mean);
}
