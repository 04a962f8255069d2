namespace HoverFast.Evaluation;

/// <summary>One image segmented by two models.</summary>
/// <param name="Name">Name of the image.</param>
/// <param name="First">Score of the first, or of the model before a change.</param>
/// <param name="Second">Score of the second, or of the model after it.</param>
public sealed record PairedScore(string Name, SegmentationScore First, SegmentationScore Second)
{
    /// <summary>Panoptic quality of the second less that of the first; NaN where neither people nor models see a nucleus.</summary>
    public double Gain => Second.PanopticQuality - First.PanopticQuality;
}
