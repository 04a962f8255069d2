using HoverFast.Evaluation;
using HoverFast.Labels;
using Xunit;

namespace HoverFast.Tests.Labels;

public sealed class LabelMaskTests
{
    [Theory]
    [InlineData("1 0 1 0 1", true)]
    [InlineData("255 0 255 0 255", true)]
    [InlineData("1 0 1 1 1", false)]
    [InlineData("1 0 2 0 3", false)]
    [InlineData("0 0 0 0 0", false)]
    public void OneLabelInSeveralAreasIsAMask(string row, bool mask)
    {
        var image = new LabelImage(5, 1, [.. row.Split(' ').Select(int.Parse)]);
        Assert.Equal(mask, LabelMask.Is(image));
        var report = new EvaluationReport([("a", SegmentationMetrics.Compare(image, image))]);
        Assert.Equal(mask ? 1 : 0, report.Warnings.Count);
    }

    [Fact]
    public void AnAreaIsWhatTouchesBySides() => Assert.True(LabelMask.Is(new LabelImage(3, 3, [1, 0, 1, 0, 1, 0, 1, 0, 1])));
}
