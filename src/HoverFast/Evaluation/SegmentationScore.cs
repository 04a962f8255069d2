namespace HoverFast.Evaluation;

/// <summary>
/// How well a segmentation agrees with the truth, as counts from which the usual figures follow. Counts of several images add up
/// (<c>a + b</c>): the figures of the sum are the pooled figures. A figure is NaN where both sides have no nucleus (nothing can be
/// said; <see cref="EvaluationReport"/> leaves such images out of the means), and 0 where only one side has none.
/// </summary>
public sealed record SegmentationScore
{
    /// <summary>Nuclei of the truth.</summary>
    public required int TruthCount { get; init; }

    /// <summary>Nuclei of the segmentation.</summary>
    public required int PredictedCount { get; init; }

    /// <summary>Pixels inside nuclei of the truth.</summary>
    public required long TruthPixels { get; init; }

    /// <summary>Pixels inside nuclei of the segmentation.</summary>
    public required long PredictedPixels { get; init; }

    /// <summary>Pixels inside nuclei of both.</summary>
    public required long SharedPixels { get; init; }

    /// <summary>Numerator of AJI: pixels that each true nucleus shares with its best partner.</summary>
    public required long AjiIntersection { get; init; }

    /// <summary>
    /// Denominator of AJI: pixels of the unions with the best partners, of true nuclei without one, and of segmented ones that are nobody's partner.
    /// </summary>
    public required long AjiUnion { get; init; }

    /// <summary>Pairs of nuclei with IoU above 0.5 (each nucleus is in at most one).</summary>
    public required int Matched { get; init; }

    /// <summary>Sum of the IoU of those pairs.</summary>
    public required double MatchedIou { get; init; }

    /// <summary>Pairs of nuclei whose centroids lie within the radius, one to one, as many as can be; null where the pixel size is unknown.</summary>
    public required int? CentroidMatched { get; init; }

    /// <summary>Whether neither side has a nucleus.</summary>
    public bool IsEmpty => TruthCount == 0 && PredictedCount == 0;

    /// <summary>Dice coefficient of the foreground, 0 to 1.</summary>
    public double Dice => Ratio(2.0 * SharedPixels, TruthPixels + PredictedPixels);

    /// <summary>Aggregated Jaccard index (Kumar et al., IEEE TMI 2017), 0 to 1.</summary>
    public double Aji => Ratio(AjiIntersection, AjiUnion);

    /// <summary>Detection quality (Kirillov et al., CVPR 2019; HoVer-Net): F1 of the pairs with IoU above 0.5, 0 to 1.</summary>
    public double DetectionQuality => Ratio(2.0 * Matched, TruthCount + PredictedCount);

    /// <summary>Segmentation quality: mean IoU of those pairs; 0 where there are none.</summary>
    public double SegmentationQuality => IsEmpty ? double.NaN : Matched == 0 ? 0 : MatchedIou / Matched;

    /// <summary>Panoptic quality (binary, bPQ): detection quality x segmentation quality.</summary>
    public double PanopticQuality => Ratio(2.0 * MatchedIou, TruthCount + PredictedCount);

    /// <summary>Share of segmented nuclei that are right (IoU above 0.5).</summary>
    public double Precision => IsEmpty ? double.NaN : PredictedCount == 0 ? 0 : (double)Matched / PredictedCount;

    /// <summary>Share of true nuclei that are found (IoU above 0.5).</summary>
    public double Recall => IsEmpty ? double.NaN : TruthCount == 0 ? 0 : (double)Matched / TruthCount;

    /// <summary>F1 of detection by centroids; NaN where the pixel size is unknown.</summary>
    public double CentroidF1 => CentroidMatched is { } matched ? Ratio(2.0 * matched, TruthCount + PredictedCount) : double.NaN;

    /// <summary>Whether the truth or the segmentation has one label for several separate areas, as a mask has and labels have not.</summary>
    public bool HasMask { get; init; }

    /// <summary>The counts of two images together.</summary>
    public static SegmentationScore operator +(SegmentationScore a, SegmentationScore b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        return new SegmentationScore
        {
            TruthCount = a.TruthCount + b.TruthCount,
            PredictedCount = a.PredictedCount + b.PredictedCount,
            TruthPixels = a.TruthPixels + b.TruthPixels,
            PredictedPixels = a.PredictedPixels + b.PredictedPixels,
            SharedPixels = a.SharedPixels + b.SharedPixels,
            AjiIntersection = a.AjiIntersection + b.AjiIntersection,
            AjiUnion = a.AjiUnion + b.AjiUnion,
            Matched = a.Matched + b.Matched,
            MatchedIou = a.MatchedIou + b.MatchedIou,
            HasMask = a.HasMask || b.HasMask,
            CentroidMatched = a.CentroidMatched + b.CentroidMatched,
        };
    }

    private static double Ratio(double part, double whole) => whole == 0 ? double.NaN : part / whole;
}
