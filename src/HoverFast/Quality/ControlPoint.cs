namespace HoverFast.Quality;

/// <summary>A slide on a control chart.</summary>
/// <param name="Value">Its value; NaN where there is none.</param>
/// <param name="Average">The moving average with it.</param>
/// <param name="Limit">How far the average may lie from the baseline's mean.</param>
/// <param name="IsAlarm">Whether it lies further.</param>
internal readonly record struct ControlPoint(double Value, double Average, double Limit, bool IsAlarm);
