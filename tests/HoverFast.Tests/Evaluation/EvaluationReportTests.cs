using System.Text.Json;
using HoverFast.Evaluation;
using HoverFast.Labels;
using Xunit;

namespace HoverFast.Tests.Evaluation;

public sealed class EvaluationReportTests
{
    [Fact]
    public void MeansLeaveOutEmptyImagesAndPoolingAddsCounts()
    {
        var report = Report();
        Assert.Equal(0.75, report.PanopticQuality.Mean, 12);
        Assert.Equal(2, report.PanopticQuality.Images);
        Assert.Equal((3, 2), (report.Pooled!.TruthCount, report.Pooled.PredictedCount));
        Assert.Equal(2.0 * 2 / (3 + 2), report.Pooled.DetectionQuality, 12);
    }

    [Fact]
    public void IntervalsHoldTheMeanAndRepeat()
    {
        double[] values = [.. Enumerable.Range(0, 50).Select(i => (i * 37 % 50) / 50.0), double.NaN];
        var interval = BootstrapInterval.Of(values);
        Assert.Equal(interval, BootstrapInterval.Of(values));
        Assert.Equal(50, interval.Images);
        Assert.Equal(0.49, interval.Mean, 12);

        // The standard error of the mean of a uniform spread over [0, 1) is 0.2887 / sqrt(50) = 0.0408.
        Assert.InRange(interval.Mean - interval.Low, 0.06, 0.10);
        Assert.InRange(interval.High - interval.Mean, 0.06, 0.10);
        Assert.Equal(0, BootstrapInterval.Of([]).Images);

        // One image says nothing of the spread: no interval, rather than one that looks exact.
        var single = BootstrapInterval.Of([0.7]);
        Assert.Equal((0.7, double.NaN, double.NaN, 1), (single.Mean, single.Low, single.High, single.Images));
    }

    [Fact]
    public void JsonGivesTheFiguresAndNullWhereUndefined()
    {
        using var json = JsonDocument.Parse(Report().ToJson());
        var root = json.RootElement;
        Assert.Equal(0.75, root.GetProperty("mean").GetProperty("pq").GetProperty("value").GetDouble(), 6);
        Assert.Equal(2, root.GetProperty("mean").GetProperty("pq").GetProperty("images").GetInt32());
        Assert.Equal(3, root.GetProperty("images").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("images")[2].GetProperty("dice").ValueKind);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("pooled").GetProperty("centroidF1").ValueKind);
    }

    [Fact]
    public void TableShowsEachImageWhenAsked()
    {
        Assert.Contains("second", Report().ToTable(perImage: true), StringComparison.Ordinal);
        Assert.DoesNotContain("second", Report().ToTable(), StringComparison.Ordinal);
        Assert.Contains("1 images without nuclei", Report().ToTable(), StringComparison.Ordinal);
    }

    private static EvaluationReport Report() => new(
    [
        ("first", SegmentationMetrics.Compare(new LabelImage(4, 1, [1, 0, 0, 2]), new LabelImage(4, 1, [1, 0, 0, 0]))
            with { TruthCount = 2, PredictedCount = 1, Matched = 1, MatchedIou = 0.75 }),
        ("second", SegmentationMetrics.Compare(new LabelImage(2, 1, [1, 0]), new LabelImage(2, 1, [4, 0]))),
        ("blank", SegmentationMetrics.Compare(new LabelImage(2, 1), new LabelImage(2, 1))),
    ]);
}
