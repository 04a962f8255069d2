namespace HoverFast.Evaluation;

/// <summary>One image segmented by two models.</summary>
/// <param name="Name">Name of the image.</param>
/// <param name="First">Score of the first, or of the model before a change.</param>
/// <param name="Second">Score of the second, or of the model after it.</param>
public sealed record PairedScore(string Name, SegmentationScore First, SegmentationScore Second)
{
    /// <summary>Panoptic quality of the second less that of the first; NaN where neither people nor models see a nucleus.</summary>
    public double Gain => Difference(s => s.PanopticQuality);

    /// <summary>A figure of the second less that of the first; NaN where neither people nor models see a nucleus.</summary>
    /// <param name="figure">The figure.</param>
    internal double Difference(Func<SegmentationScore, double> figure) => Judged(Second, First, figure) - Judged(First, Second, figure);

    /// <summary>A figure of one of the two; 1 where it alone is right that there is no nucleus, which leaves nothing to count.</summary>
    internal static double Judged(SegmentationScore score, SegmentationScore other, Func<SegmentationScore, double> figure) =>
        score.IsEmpty && !other.IsEmpty ? 1 : figure(score);
}
