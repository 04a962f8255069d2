using HoverFast.Evaluation;
using HoverFast.Labels;
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

    /// <summary>Outlines on both sides, as QuPath exports the truth and <c>segment</c> writes the result: the picture is larger than what they hold.</summary>
    [Fact]
    public void TheMaskOfOutlinesIsAsLargeAsTheirPicture()
    {
        foreach (var folder in new[] { "labels", "unsure", "found" })
        {
            Directory.CreateDirectory(_folder.File(folder));
        }

        File.WriteAllText(_folder.File("labels/a.geojson"), Squares(1));
        File.WriteAllText(_folder.File("found/a.geojson"), Squares(1, 12));
        var mask = new LabelImage(24, 24);
        for (var y = 0; y < 24; y++)
        {
            mask.Labels.AsSpan((y * 24) + 10, 14).Fill(1);
        }

        LabelImageFile.WritePng(_folder.File("unsure/a.png"), mask);
        var score = Assert.Single(EvaluationReport.OfFiles(_folder.File("labels"), _folder.File("found")).Images).Score;
        Assert.Equal((1, 1, 1), (score.TruthCount, score.PredictedCount, score.Matched));

        static string Squares(params int[] places) => """{"type":"FeatureCollection","features":[""" + string.Join(',', places.Select(p =>
            $$$"""{"type":"Feature","properties":{"objectType":"detection"},"geometry":{"type":"Polygon","coordinates":[[[{{{p}}},1],[{{{p + 6}}},1],[{{{p + 6}}},7],[{{{p}}},7],[{{{p}}},1]]]}}""")) + "]}";
    }

    private static LabelImage Image(params int[] labels) => new(labels.Length, 1, labels);
}
