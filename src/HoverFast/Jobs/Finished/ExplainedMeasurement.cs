namespace HoverFast.Jobs.Finished;

/// <summary>A measurement of a nucleus and where it lies in its slide and in what the model learned from.</summary>
/// <param name="Name">Its name with its unit, as QuPath shows it.</param>
/// <param name="Value">Its value.</param>
/// <param name="Percentile">How many of 100 nuclei of the slide have less; those that have the same count half. 0 to 100.</param>
/// <param name="TrainingPercentile">
/// The same among the nuclei that the model finds in the pictures that it learned from; null where that isn't known of the model or the measurement.
/// </param>
public sealed record ExplainedMeasurement(string Name, double Value, double Percentile, double? TrainingPercentile = null);
