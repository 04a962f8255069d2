namespace HoverFast.Training.Trust;

/// <summary>A nucleus that was found, with its evidence (<see cref="HoverFast.Quality.NucleusEvidence"/>), and whether a person's outline matches it.</summary>
/// <param name="Evidence">The evidence.</param>
/// <param name="IsMatched">Whether a labelled nucleus has an IoU above 0.5 with it.</param>
internal sealed record JudgedNucleus(double[] Evidence, bool IsMatched);
