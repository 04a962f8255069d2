using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Evaluation;

/// <summary>
/// Compares a segmentation with the truth, by the definitions of HoVer-Net (Graham et al., MedIA 2019): Dice of the foreground, AJI
/// (Kumar et al., IEEE TMI 2017), detection, segmentation and panoptic quality at IoU above 0.5; and detection by centroids within 6 um.
/// </summary>
internal static class SegmentationMetrics
{
    /// <summary>How far apart the centroids of a detected nucleus and a true one may lie, in um.</summary>
    public const double CentroidRadius = 6;

    /// <summary>Compares two label images of the same size.</summary>
    /// <param name="truth">The truth: 0 is background, every other value one nucleus.</param>
    /// <param name="predicted">The segmentation, likewise; the values need not correspond.</param>
    /// <param name="mpp">Pixel size of both, for detection by centroids; null leaves that figure out.</param>
    /// <exception cref="ArgumentException">The sizes differ, or a label is negative.</exception>
    public static SegmentationScore Compare(LabelImage truth, LabelImage predicted, Mpp? mpp = null)
    {
        ArgumentNullException.ThrowIfNull(truth);
        ArgumentNullException.ThrowIfNull(predicted);
        if (truth.Size != predicted.Size)
        {
            throw new ArgumentException($"The truth has {truth.Size} pixels, the segmentation {predicted.Size}; both must cover the same picture.");
        }

        var overlap = LabelOverlap.Of(truth, predicted);
        var (intersection, union) = Aji(overlap);
        var matched = 0;
        var iou = 0.0;
        foreach (var pair in overlap.Matches)
        {
            matched++;
            iou += (double)pair.Shared / overlap.Union(pair);
        }

        return new SegmentationScore
        {
            TruthCount = overlap.Truth.Count,
            PredictedCount = overlap.Predicted.Count,
            TruthPixels = overlap.Truth.Areas.Sum(),
            PredictedPixels = overlap.Predicted.Areas.Sum(),
            SharedPixels = overlap.Pairs.Sum(p => p.Shared),
            AjiIntersection = intersection,
            AjiUnion = union,
            Matched = matched,
            MatchedIou = iou,
            HasMask = LabelMask.Is(truth) || LabelMask.Is(predicted),
            CentroidMatched = mpp is { } size ? MatchCentroids(overlap, size) : null,
        };
    }

    /// <summary>
    /// Each true nucleus is paired with the segmented one of highest IoU; a segmented nucleus may be the partner of several. Ties go to
    /// the larger shared area, then to the nucleus that a scan by rows meets first.
    /// </summary>
    private static (long Intersection, long Union) Aji(LabelOverlap overlap)
    {
        var best = new LabelOverlap.Pair?[overlap.Truth.Count];
        foreach (var pair in overlap.Pairs)
        {
            if (best[pair.Truth] is not { } known || IsBetter(pair, known))
            {
                best[pair.Truth] = pair;
            }
        }

        var partners = new bool[overlap.Predicted.Count];
        long intersection = 0;
        long union = 0;
        for (var i = 0; i < best.Length; i++)
        {
            if (best[i] is { } pair)
            {
                partners[pair.Predicted] = true;
                intersection += pair.Shared;
                union += overlap.Union(pair);
            }
            else
            {
                union += overlap.Truth.Areas[i];
            }
        }

        for (var j = 0; j < partners.Length; j++)
        {
            union += partners[j] ? 0 : overlap.Predicted.Areas[j];
        }

        return (intersection, union);

        // Products instead of quotients: exact.
        bool IsBetter(LabelOverlap.Pair a, LabelOverlap.Pair b)
        {
            var left = (Int128)a.Shared * overlap.Union(b);
            var right = (Int128)b.Shared * overlap.Union(a);
            return left > right || (left == right && a.Shared > b.Shared);
        }
    }

    private static int MatchCentroids(LabelOverlap overlap, Mpp mpp) => CentroidMatching.Count(
        [.. Enumerable.Range(0, overlap.Truth.Count).Select(overlap.Truth.Centroid)],
        [.. Enumerable.Range(0, overlap.Predicted.Count).Select(overlap.Predicted.Centroid)],
        CentroidRadius / mpp.MicronsPerPixel);
}
