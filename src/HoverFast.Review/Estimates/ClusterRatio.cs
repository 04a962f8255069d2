namespace HoverFast.Review.Estimates;

/// <summary>
/// The ratio of two totals from a sample of clusters (fields). Nuclei of one field are alike, so the field and not the nucleus is what was drawn: the
/// variance is that of
/// the linearised ratio between fields, weighed by one over their chance to be drawn, with the correction for a sample that is a good part of the whole
/// (Särndal,
/// Swensson and Wretman, Model Assisted Survey Sampling, 1992, chapters 3 and 5; Hájek's form for draws without repetition). A residual is taken as if the
/// field had not
/// been there when the ratio was told, as the jackknife does: few fields pull the ratio towards themselves. The interval is Korn and Graubard's
/// (Survey Methodology 24, 1998): Clopper and Pearson's with the number of independent nuclei that the fields are worth, which stays in 0 to 1 and holds
/// with few fields.
/// </summary>
internal static class ClusterRatio
{
    private const double Tail = 0.025;

    /// <summary>Estimates a ratio.</summary>
    /// <param name="clusters">Of each cluster the part, the whole, and its chance to be drawn.</param>
    public static RatioInterval Of(IReadOnlyList<(double Part, double Whole, double Inclusion)> clusters)
    {
        var whole = clusters.Sum(c => c.Whole / c.Inclusion);
        if (whole <= 0)
        {
            return new RatioInterval(double.NaN, double.NaN, double.NaN);
        }

        var ratio = clusters.Sum(c => c.Part / c.Inclusion) / whole;
        List<(double Inclusion, double Residual)> drawn =
            [.. clusters.Where(c => c.Inclusion < 1).Select(
                c => (c.Inclusion, (c.Part - (ratio * c.Whole)) / c.Inclusion / (1 - (c.Whole / c.Inclusion / whole))))];
        if (clusters.Count >= 1 && drawn.Count == 0)
        {
            // All that there is was looked at: nothing is left to chance.
            return new RatioInterval(ratio, ratio, ratio);
        }

        // One field with nuclei doesn't tell how unlike others are.
        if (drawn.Count < 2 || clusters.Count(c => c.Whole > 0) < 2)
        {
            return new RatioInterval(ratio, double.NaN, double.NaN);
        }

        var weight = drawn.Sum(d => 1 - d.Inclusion);
        var centre = drawn.Sum(d => (1 - d.Inclusion) * d.Residual) / weight;
        var variance = drawn.Count / (drawn.Count - 1.0) * drawn.Sum(d => (1 - d.Inclusion) * (d.Residual - centre) * (d.Residual - centre)) / (whole * whole);
        var nuclei = clusters.Sum(c => c.Whole);
        var independent = variance > 0 ? Math.Min(nuclei, ratio * (1 - ratio) / variance) : nuclei;
        var few = Beta.StudentQuantile(1 - Tail, Math.Max(1, nuclei - 1)) / Beta.StudentQuantile(1 - Tail, drawn.Count - 1);

        // Where fields have less than a nucleus each, that factor would make more nuclei of them than were looked at.
        independent = Math.Min(nuclei, independent * few * few);
        var low = ratio <= 0 ? 0 : Beta.Quantile(Tail, independent * ratio, (independent * (1 - ratio)) + 1);
        var high = ratio >= 1 ? 1 : Beta.Quantile(1 - Tail, (independent * ratio) + 1, independent * (1 - ratio));
        return new RatioInterval(ratio, low, high);
    }
}
