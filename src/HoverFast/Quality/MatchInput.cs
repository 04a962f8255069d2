namespace HoverFast.Quality;

/// <summary>Evidence that counts for the match probability.</summary>
/// <param name="Name">Its name in <see cref="NucleusEvidence.Names"/>.</param>
/// <param name="Mean">Its mean in the data of the fit.</param>
/// <param name="Deviation">Its standard deviation there.</param>
/// <param name="Weight">Weight of a standard deviation.</param>
internal sealed record MatchInput(string Name, double Mean, double Deviation, double Weight);
