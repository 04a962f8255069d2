namespace HoverFast.Quality;

/// <summary>The nuclei of a range of match probabilities.</summary>
/// <param name="From">Where the range begins, 0 to 1.</param>
/// <param name="To">Where it ends.</param>
/// <param name="Nuclei">How many nuclei.</param>
/// <param name="Estimated">Mean of their probabilities.</param>
/// <param name="Matched">Share of them that a person's outline matches (IoU above 0.5).</param>
public sealed record ReliabilityBin(double From, double To, int Nuclei, double Estimated, double Matched);
