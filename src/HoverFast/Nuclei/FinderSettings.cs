namespace HoverFast.Nuclei;

/// <summary>How maps become nuclei. Areas are in square microns, so the same settings serve maps of any resolution.</summary>
public sealed record FinderSettings
{
    /// <summary>A pixel belongs to a nucleus from this probability on, 0 to 1.</summary>
    public double ProbabilityThreshold { get; init; } = 0.5;

    /// <summary>
    /// Two nuclei of one component each reach down this far below the place where they meet, on the scale of the HV maps (1 at a nucleus's edge);
    /// see <see cref="NucleusFinder"/>. Lower splits more.
    /// </summary>
    public double SplitDepth { get; init; } = 0.18;

    /// <summary>
    /// Half the distance over which the fall of an HV map marks a boundary between touching nuclei, in map pixels: a network blurs boundaries by its
    /// own pixels, not by microns.
    /// </summary>
    public int BoundaryReach { get; init; } = 2;

    /// <summary>Smallest nucleus in square microns.</summary>
    public double MinArea { get; init; } = 6.0;

    /// <summary>Smallest mean probability of a nucleus, 0 to 1.</summary>
    public double MinMeanProbability { get; init; } = 0.7;

    /// <summary>Largest distance, in map pixels, by which the simplified outline may leave the traced one; 0 keeps every point.</summary>
    public double OutlineTolerance { get; init; } = 0.1;
}
