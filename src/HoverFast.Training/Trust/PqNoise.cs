namespace HoverFast.Training.Trust;

/// <summary>
/// How far the PQ of a picture is off by chance alone, because it holds few nuclei: what the best estimate of accuracy can't tell. Nuclei that are matched,
/// missed and false are taken for draws, independent of each other, with the shares that the picture has.
/// </summary>
/// <param name="Pictures">Pictures with any nucleus.</param>
/// <param name="Deviation">Root mean square of the standard deviations of their PQ.</param>
/// <param name="Error">Mean error of an estimate that knew the PQ to be expected of each.</param>
/// <param name="Correlation">Its correlation with the PQ that was found.</param>
internal sealed record PqNoise(int Pictures, double Deviation, double Error, double Correlation)
{
    /// <summary>The chance in pictures.</summary>
    public static PqNoise Of(IEnumerable<TrustSample> samples)
    {
        var pictures = samples
            .Select(s => s.Score)
            .Where(s => s.TruthCount + s.PredictedCount > 0)
            .Select(s => (Pq: s.PanopticQuality, Deviation: DeviationOf(s)))
            .ToList();
        var variance = pictures.Average(p => p.Deviation * p.Deviation);
        var mean = pictures.Average(p => p.Pq);
        return new PqNoise(
            pictures.Count,
            Math.Sqrt(variance),

            // The mean of a normal variable without its sign.
            pictures.Average(p => p.Deviation) * Math.Sqrt(2 / Math.PI),
            Math.Sqrt(Math.Max(0, 1 - (variance / pictures.Average(p => Math.Pow(p.Pq - mean, 2))))));
    }

    /// <summary>
    /// The standard deviation of a picture's PQ. With the share p of matched among the n matched, missed and false nuclei, PQ is 2 p / (1 + p) times the mean
    /// IoU, and p has the variance p (1 - p) / n.
    /// </summary>
    private static double DeviationOf(Evaluation.SegmentationScore score)
    {
        double matched = score.Matched;
        var n = score.TruthCount + score.PredictedCount - matched;
        var p = (matched + 0.5) / (n + 1);
        var iou = matched > 0 ? score.MatchedIou / matched : 0.6;
        return iou * 2 / Math.Pow(1 + p, 2) * Math.Sqrt(p * (1 - p) / n);
    }
}
