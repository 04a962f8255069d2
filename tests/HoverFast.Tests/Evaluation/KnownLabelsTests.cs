using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Output;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Evaluation;

public sealed class KnownLabelsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WithoutAMaskAllCounts()
    {
        var (truth, found) = (Image(1, 1, 1, 0, 0, 0), Image(0, 0, 0, 0, 2, 2));
        var known = KnownLabels.Of(truth, found, null);
        Assert.Same(truth, known.Truth);
        Assert.Same(found, known.Found);
        Assert.Empty(known.LeftOut);
    }

    /// <summary>Half of 3 lies where all is known: it counts. 4 lies outside by more than half and matches nothing; 5 does, and its rest matches.</summary>
    [Fact]
    public void WhatLiesInTheUnsureCountsOnNeitherSide()
    {
        var truth = Image(0, 0, 0, 0, 0, 0, 0, 0, 7, 7, 7, 7);
        var found = Image(3, 3, 4, 4, 4, 0, 0, 0, 5, 5, 5, 5);
        var unsure = Image(0, 9, 9, 0, 9, 0, 0, 0, 0, 9, 9, 9);
        var known = KnownLabels.Of(truth, found, unsure);
        Assert.Equal([3, 0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0], known.Found.Labels);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0], known.Truth.Labels);
        Assert.Equal([4], known.LeftOut);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 7, 7, 7, 7], truth.Labels);
    }

    [Fact]
    public void TheMaskLiesBesideTheLabels()
    {
        Directory.CreateDirectory(_folder.File("labels"));
        Directory.CreateDirectory(_folder.File("unsure"));
        Directory.CreateDirectory(_folder.File("found"));
        LabelImageFile.WritePng(_folder.File("labels/a.png"), Image(1, 1, 0, 0, 0, 0));
        LabelImageFile.WritePng(_folder.File("found/a.png"), Image(1, 1, 0, 2, 2, 2));
        Assert.Equal((1, 2), Counts());

        LabelImageFile.WritePng(_folder.File("unsure/a.png"), Image(0, 0, 0, 1, 1, 1));
        Assert.Equal((1, 1), Counts());

        LabelImageFile.WritePng(_folder.File("unsure/a.png"), Image(0, 0, 0, 1, 1));
        Assert.Contains("unsure/a.png", Assert.Throws<SlideException>(() => Counts()).Message, StringComparison.Ordinal);

        (int Truth, int Found) Counts()
        {
            var score = Assert.Single(EvaluationReport.OfFiles(_folder.File("labels"), _folder.File("found")).Images).Score;
            return (score.TruthCount, score.PredictedCount);
        }
    }

    private static LabelImage Image(params int[] labels) => new(labels.Length, 1, labels);
}
