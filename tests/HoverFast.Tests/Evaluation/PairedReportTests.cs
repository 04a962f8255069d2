using HoverFast.Evaluation;
using Xunit;

namespace HoverFast.Tests.Evaluation;

public sealed class PairedReportTests
{
    [Fact]
    public void DifferencesAreTakenImageByImage()
    {
        // PQ of a set with all nuclei matched is their mean IoU: .9 and .1 before, .1 more on each image after. The images differ far more than the models.
        var report = PairedReport.Of("tiles", Report(("a", 10, 9), ("b", 10, 1)), Report(("a", 10, 10), ("b", 10, 2)));

        Assert.Equal(0.1, report.Gain.Mean, 12);
        Assert.Equal(0.1, report.Gain.Low, 12);
        Assert.Equal(0.1, report.Gain.High, 12);
    }

    [Fact]
    public void PooledGainsWeighImagesByTheirNuclei()
    {
        // One image of 90 nuclei gains .1, one of 10 loses .5: .04 over all nuclei, -.2 over images.
        var report = PairedReport.Of("tiles", Report(("a", 90, 45), ("b", 10, 8)), Report(("a", 90, 54), ("b", 10, 3)));

        Assert.Equal(0.04, report.PooledGain.Mean, 12);
        Assert.Equal(-0.2, report.Gain.Mean, 12);
        Assert.Equal(-0.5, report.PooledGain.Low, 12);
        Assert.Equal(0.1, report.PooledGain.High, 12);
    }

    /// <summary>Where people see no nucleus, who finds some is worse than who finds none.</summary>
    [Fact]
    public void FindingNothingWhereThereIsNothingIsRight()
    {
        var none = new SegmentationScore
        {
            TruthCount = 0,
            PredictedCount = 0,
            TruthPixels = 0,
            PredictedPixels = 0,
            SharedPixels = 0,
            AjiIntersection = 0,
            AjiUnion = 0,
            Matched = 0,
            MatchedIou = 0,
            CentroidMatched = null,
        };
        var false3 = none with { PredictedCount = 3, PredictedPixels = 90, AjiUnion = 90 };
        var report = new PairedReport("tiles", [new("a", none, false3), new("b", none, none), new("c", none, false3)]);

        Assert.Equal(-1, report.Gain.Mean);
        Assert.Equal(2, report.Gain.Images);
        Assert.Equal(1, report.Images[2] with { First = false3, Second = none } is { Gain: var gain } ? gain : 0);
        Assert.Contains("A is better", report.ToTable("a.onnx", "b.onnx"), StringComparison.Ordinal);
        Assert.Contains("PQ       1.0000   0.0000  -1.0000", report.ToTable("a.onnx", "b.onnx"), StringComparison.Ordinal);
        Assert.True(double.IsNaN(report.Images[1].Gain));
    }

    [Fact]
    public void OtherImagesAreRefused() =>
        Assert.Throws<ArgumentException>(() => PairedReport.Of("tiles", Report(("a", 1, 1)), Report(("b", 1, 1))));

    private static EvaluationReport Report(params (string Name, int Nuclei, double Iou)[] images) =>
        new(
            images.Select(i =>
                (
                    i.Name,
                    new SegmentationScore
                    {
                        TruthCount = i.Nuclei,
                        PredictedCount = i.Nuclei,
                        TruthPixels = 10,
                        PredictedPixels = 10,
                        SharedPixels = 8,
                        AjiIntersection = 8,
                        AjiUnion = 12,
                        Matched = i.Nuclei,
                        MatchedIou = i.Iou,
                        CentroidMatched = null,
                    })));
}
