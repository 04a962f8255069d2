namespace HoverFast.Review.Estimates;

/// <summary>A share that was told from a sample, with its 95 % interval.</summary>
/// <param name="Value">The share; NaN where nothing was counted.</param>
/// <param name="Low">Lower end; NaN where fewer than two fields with nuclei leave nothing to tell it from.</param>
/// <param name="High">Upper end, or NaN likewise.</param>
public sealed record RatioInterval(double Value, double Low, double High)
{
    /// <summary>Whether a share lies in the interval.</summary>
    public bool Holds(double share) => share >= Low && share <= High;
}
