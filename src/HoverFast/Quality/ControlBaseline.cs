namespace HoverFast.Quality;

/// <summary>What a figure was while all was in order.</summary>
/// <param name="Mean">Its mean.</param>
/// <param name="Deviation">Its standard deviation from slide to slide.</param>
/// <param name="Slides">How many slides it was taken from.</param>
internal sealed record ControlBaseline(double Mean, double Deviation, int Slides)
{
    /// <summary>The baseline of some values; the deviation is never below a thousandth, for figures are rounded.</summary>
    public static ControlBaseline Of(IReadOnlyList<double> values)
    {
        var known = values.Where(double.IsFinite).ToList();
        var mean = known.Average();
        return new ControlBaseline(
            Math.Round(mean, 6),
            Math.Round(Math.Max(1e-3, Math.Sqrt(known.Sum(v => (v - mean) * (v - mean)) / Math.Max(1, known.Count - 1))), 6),
            Math.Max(1, known.Count));
    }
}
