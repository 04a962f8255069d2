namespace HoverFast.Jobs;

/// <summary>A limit of a <see cref="ValidationProtocol"/>.</summary>
/// <param name="Figure">dice, aji, f1 or pq: the mean over tiles.</param>
/// <param name="Least">The least that it may be, 0 to 1.</param>
/// <param name="Tissue">How the names of the tiles begin that it is for; null for all.</param>
/// <param name="ByLowerEnd">Whether the lower end of the 95 % interval must reach it, and not the mean alone.</param>
public sealed record ValidationLimit(string Figure, double Least, string? Tissue = null, bool ByLowerEnd = false);
