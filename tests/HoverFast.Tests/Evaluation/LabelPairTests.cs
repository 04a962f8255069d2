using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Evaluation;

public sealed class LabelPairTests : IDisposable
{
    private const string Outlines = "[{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[1,1],[5,1],[5,3],[1,3],[1,1]]]}}]";
    private readonly TemporaryFolder _truth = new();
    private readonly TemporaryFolder _predicted = new();

    public void Dispose()
    {
        _truth.Dispose();
        _predicted.Dispose();
    }

    [Fact]
    public void PairsByNameWhateverTheFormat()
    {
        Write(_truth.File("a.png"));
        Write(_truth.File("b.png"));
        Write(_predicted.File("a.labels.tif"));
        Write(_predicted.File("a.overlay.png"));
        Write(_predicted.File("more.png"));
        File.WriteAllText(_predicted.File("a.geojson"), "[]");
        File.WriteAllText(_predicted.File("a.manifest.json"), "{}");
        File.WriteAllText(_predicted.File("b.geojson"), Outlines);
        var pairs = LabelPair.Find(_truth.Path, _predicted.Path);
        Assert.Equal(["a", "b"], pairs.Select(p => p.Name));
        Assert.All(pairs, p => Assert.Equal(1, Score(p).PanopticQuality));
        Assert.Equal(1, Score(pairs[1] with { Truth = pairs[1].Predicted, Predicted = pairs[1].Truth }).PanopticQuality);
        Assert.Equal(1, Score(LabelPair.Find(pairs[0].Truth, pairs[1].Predicted)[0]).PanopticQuality);
    }

    /// <summary>HoverFast's own outlines end in .json; what lies beside results ends so too, and isn't taken for them.</summary>
    [Fact]
    public void OutlinesMayEndInJson()
    {
        File.WriteAllText(_truth.File("a.json"), Outlines);
        File.WriteAllText(_truth.File("a.manifest.json"), "{}");
        File.WriteAllText(_truth.File("b.quality.json"), "{}");

        Assert.Equal(["a"], LabelPair.FilesOf(_truth.Path).Keys);
        Assert.Equal(_truth.File("a.json"), LabelPair.FilesOf(_truth.Path)["a"]);
    }

    [Fact]
    public void WhatIsMissingOrTwiceIsNamed()
    {
        Assert.Contains("no label images", Assert.Throws<SlideException>(() => LabelPair.Find(_truth.Path, _predicted.Path)).Message, StringComparison.Ordinal);
        Write(_truth.File("a.png"));
        Write(_predicted.File("b.png"));
        Assert.Contains("no segmentation", Assert.Throws<SlideException>(() => LabelPair.Find(_truth.Path, _predicted.Path)).Message, StringComparison.Ordinal);
        Write(_truth.File("a.tif"));
        Assert.Contains("keep one", Assert.Throws<SlideException>(() => LabelPair.Find(_truth.Path, _predicted.Path)).Message, StringComparison.Ordinal);
        Assert.Contains(
            "no such folder",
            Assert.Throws<SlideException>(() => LabelPair.Find(_truth.File("x"), _predicted.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void DifferentSizesAreRefused()
    {
        Write(_truth.File("a.png"));
        LabelImageFile.WritePng(_predicted.File("a.png"), new LabelImage(3, 3));
        Assert.Contains(
            "3 x 3",
            Assert.Throws<SlideException>(() => LabelPair.Find(_truth.Path, _predicted.Path)[0].Read()).Message,
            StringComparison.Ordinal);
        var far = _predicted.File("b.geojson");
        File.WriteAllText(far, """{"geometry":{"type":"Polygon","coordinates":[[[0,0],[90000,0],[0,90000],[0,0]]]}}""");
        Assert.Contains("label images may have", Assert.Throws<SlideException>(() => new LabelPair("b", far, far).Read()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OutlinesOfBothAreCompared()
    {
        var outlines = _predicted.File("b.geojson");
        File.WriteAllText(outlines, Outlines);
        Assert.Equal(1, Score(new LabelPair("b", outlines, outlines)).Dice);
    }

    private static SegmentationScore Score(LabelPair pair) => pair.Read() is var labels
        ? SegmentationMetrics.Compare(labels.Truth, labels.Found, new Mpp(0.5))
        : throw new InvalidOperationException();

    private static void Write(string path)
    {
        var image = new LabelImage(8, 4);
        for (var x = 1; x < 5; x++)
        {
            image.Labels[8 + x] = image.Labels[16 + x] = 7;
        }

        if (path.EndsWith(".tif", StringComparison.Ordinal))
        {
            LabelImageFile.WriteTiff(path, image);
        }
        else
        {
            LabelImageFile.WritePng(path, image);
        }
    }
}
