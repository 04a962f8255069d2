using HoverFast.Quality;

namespace HoverFast.Jobs;

/// <summary>The control chart of a figure.</summary>
/// <param name="Figure">The figure's name.</param>
/// <param name="Baseline">What it was while all was in order; null where that is not known: its points then have no average and no limit.</param>
/// <param name="Points">A point a result.</param>
internal sealed record DriftChart(string Figure, ControlBaseline? Baseline, IReadOnlyList<ControlPoint> Points)
{
    /// <summary>Charts values.</summary>
    /// <param name="figure">The figure's name.</param>
    /// <param name="values">Its values in order of time; NaN where one is missing.</param>
    /// <param name="baseline">Its baseline, if there is one.</param>
    public static DriftChart Of(string figure, IReadOnlyList<double> values, ControlBaseline? baseline) => new(
        figure,
        baseline,
        baseline is null ? [.. values.Select(v => new ControlPoint(v, double.NaN, double.NaN, false))] : ControlChart.Chart(values, baseline));
}
