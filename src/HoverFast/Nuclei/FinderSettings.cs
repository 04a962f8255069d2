using System.Globalization;

namespace HoverFast.Nuclei;

/// <summary>
/// How maps become nuclei. Areas are in square microns, so the same settings serve maps of any resolution. What is null is settled by the model: where match
/// probabilities hold for it (the shipped students and what is adapted from them), more is drawn and split at first, and what is then too unlikely to be right
/// is left out; other networks get stricter numbers, and nothing is left out.
/// </summary>
public sealed record FinderSettings
{
    /// <summary>Match probability from which on a nucleus is kept where match probabilities hold and nothing else is asked for.</summary>
    internal const double LikelyEnough = 0.25;

    private const int FarthestReach = 256;

    /// <summary>A pixel belongs to a nucleus from this probability on, 0 to 1.</summary>
    public double ProbabilityThreshold { get; init; } = 0.5;

    /// <summary>
    /// Two nuclei of one component each reach down this far below the place where they meet, on the scale of the HV maps (1 at a nucleus's edge);
    /// see <see cref="NucleusFinder"/>. Lower splits more. Null: 0.14 where match probabilities hold, else 0.18.
    /// </summary>
    public double? SplitDepth { get; init; }

    /// <summary>
    /// Half the distance over which the fall of an HV map marks a boundary between touching nuclei, in map pixels: a network blurs boundaries by its
    /// own pixels, not by microns. 1 to 256.
    /// </summary>
    public int BoundaryReach { get; init; } = 2;

    /// <summary>Smallest nucleus in square microns. Null: 4 where match probabilities hold, else 6.</summary>
    public double? MinArea { get; init; }

    /// <summary>Smallest mean probability of a nucleus, 0 to 1. Null: 0.55 where match probabilities hold, else 0.7.</summary>
    public double? MinMeanProbability { get; init; }

    /// <summary>
    /// Nuclei of a lower match probability are left out, 0 to 1. Leaving out one that is right with probability p raises the expected panoptic quality where
    /// p is below half of the detection quality. Null: 0.25 where match probabilities hold, else 0, which leaves none out.
    /// </summary>
    public double? MinMatchProbability { get; init; }

    /// <summary>Largest distance, in map pixels, by which the simplified outline may leave the traced one; 0 keeps every point.</summary>
    public double OutlineTolerance { get; init; } = 0.1;

    /// <summary>The settings in words, with points in decimals whatever the culture: keys and manifests hold them.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{nameof(FinderSettings)} {{ ProbabilityThreshold = {ProbabilityThreshold}, SplitDepth = {SplitDepth}, BoundaryReach = {BoundaryReach}, "
            + $"MinArea = {MinArea}, MinMeanProbability = {MinMeanProbability}, MinMatchProbability = {MinMatchProbability}, "
            + $"OutlineTolerance = {OutlineTolerance} }}");

    /// <summary>Refuses what makes no sense.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting lies outside of its range.</exception>
    internal void Check()
    {
        Require(ProbabilityThreshold, 1, nameof(ProbabilityThreshold));
        Require(MinMeanProbability, 1, nameof(MinMeanProbability));
        Require(MinMatchProbability, 1, nameof(MinMatchProbability));
        Require(SplitDepth, double.MaxValue, nameof(SplitDepth));
        Require(MinArea, double.MaxValue, nameof(MinArea));
        Require(OutlineTolerance, double.MaxValue, nameof(OutlineTolerance));
        ArgumentOutOfRangeException.ThrowIfLessThan(BoundaryReach, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(BoundaryReach, FarthestReach);

        // NaN is less than any number to the first of these.
        static void Require(double? value, double most, string name)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value ?? 0, 0, name);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value ?? 0, most, name);
        }
    }

    /// <summary>The same without any null.</summary>
    /// <param name="isJudged">Whether match probabilities hold for the model.</param>
    internal FinderSettings Settled(bool isJudged) => this with
    {
        SplitDepth = SplitDepth ?? (isJudged ? 0.14 : 0.18),
        MinArea = MinArea ?? (isJudged ? 4 : 6),
        MinMeanProbability = MinMeanProbability ?? (isJudged ? 0.55 : 0.7),
        MinMatchProbability = MinMatchProbability ?? (isJudged ? LikelyEnough : 0),
    };
}
