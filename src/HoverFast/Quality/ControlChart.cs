namespace HoverFast.Quality;

/// <summary>
/// A chart of exponentially weighted moving averages (Roberts, Technometrics 1959) with limits from a baseline. An alarm lets the chart begin anew, as after
/// somebody looked for the cause.
/// </summary>
internal static class ControlChart
{
    /// <summary>Weight of the newest value: small and lasting changes are found soon.</summary>
    public const double Weight = 0.2;

    /// <summary>
    /// Half the width of the limits in standard deviations of the average, that of the baseline's own mean included. With a baseline of twenty or more slides,
    /// the eleven charts of a report together raise fewer than three false alarms in a thousand slides.
    /// </summary>
    public const double Width = 4.2;

    /// <summary>Charts values.</summary>
    /// <param name="values">In their order; NaN where one is missing.</param>
    /// <param name="baseline">Mean and standard deviation of slides that were in order.</param>
    public static IReadOnlyList<ControlPoint> Chart(IReadOnlyList<double> values, ControlBaseline baseline)
    {
        var points = new List<ControlPoint>(values.Count);
        var (average, remembered) = (baseline.Mean, 1.0);
        foreach (var value in values)
        {
            if (double.IsFinite(value))
            {
                average += Weight * (value - average);
                remembered *= (1 - Weight) * (1 - Weight);
            }

            // The mean of the baseline is off by itself.
            var limit = Width * baseline.Deviation * Math.Sqrt((Weight / (2 - Weight) * (1 - remembered)) + (1.0 / baseline.Slides));
            var alarm = double.IsFinite(value) && Math.Abs(average - baseline.Mean) > limit;
            points.Add(new ControlPoint(value, average, limit, alarm));
            if (alarm)
            {
                (average, remembered) = (baseline.Mean, 1);
            }
        }

        return points;
    }
}
