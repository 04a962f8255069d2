namespace HoverFast.Jobs.Finished;

/// <summary>A measurement of a nucleus and where it lies in its slide.</summary>
/// <param name="Name">Its name with its unit, as QuPath shows it.</param>
/// <param name="Value">Its value.</param>
/// <param name="Percentile">How many of 100 nuclei of the slide have less; those that have the same count half. 0 to 100.</param>
public sealed record ExplainedMeasurement(string Name, double Value, double Percentile);
