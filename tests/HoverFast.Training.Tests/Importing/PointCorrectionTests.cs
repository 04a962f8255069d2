using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Training.Data;
using HoverFast.Training.Importing;
using Xunit;

namespace HoverFast.Training.Tests.Importing;

public sealed class PointCorrectionTests
{
    // At 0.5 um/px: a long outline that is two nuclei, one nucleus with its point just outside, one that nobody pointed at.
    private static readonly LabelImage _outlines = Boxes((1, 10, 10, 24, 10), (2, 60, 10, 10, 10), (3, 10, 60, 10, 10));

    private static readonly RgbImage _picture = new(100, 100);

    [Fact]
    public void AnOutlineWithTwoPointsIsDividedHalfWay()
    {
        var corrected = PointCorrection.Of(_outlines, _picture, [new(16, 15), new(28, 15)], 0.5, reach: 3);
        Assert.Equal(1, corrected.Divided);
        Assert.Equal([1, 1, 2, 2], new[] { 10, 21, 22, 33 }.Select(x => At(corrected.Labels, x, 15)));
        Assert.Equal(0, At(corrected.Unsure, 21, 15));
    }

    [Fact]
    public void TwoPointsThatAreNearerThanNucleiCanBeAreOne()
    {
        var corrected = PointCorrection.Of(_outlines, _picture, [new(20, 15), new(23, 15)], 0.5, reach: 3);
        Assert.Equal(0, corrected.Divided);
        Assert.Equal([1, 1], new[] { 10, 33 }.Select(x => At(corrected.Labels, x, 15)));
    }

    [Fact]
    public void WhatPointsAndOutlinesDoNotAgreeOnIsUnsure()
    {
        // The second box's point lies 2 um beside it; the last point lies alone.
        var corrected = PointCorrection.Of(_outlines, _picture, [new(20, 15), new(74, 15), new(80, 80)], 0.5, reach: 3);
        Assert.Equal((0, 0, 1, 1), (corrected.Divided, corrected.Pale, corrected.Dark, corrected.Missed));
        Assert.NotEqual(0, At(corrected.Labels, 65, 15));
        Assert.Equal((0, 1), (At(corrected.Labels, 15, 65), At(corrected.Unsure, 15, 65)));
        Assert.Equal([1, 1, 0], new[] { 80, 89, 91 }.Select(x => At(corrected.Unsure, x, 80)));
        Assert.Equal(0, At(corrected.Unsure, 65, 15));
    }

    [Fact]
    public void APaleOutlineWithoutAPointIsLeftOut()
    {
        var picture = new RgbImage(100, 100);
        foreach (var at in Enumerable.Range(0, 100 * 100).Where(at => _outlines.Labels[at] == 3))
        {
            picture.Pixels.AsSpan(3 * at, 3).Fill(200);
        }

        var corrected = PointCorrection.Of(_outlines, picture, [new(20, 15), new(65, 15)], 0.5, reach: 3);
        Assert.Equal((1, 0), (corrected.Pale, corrected.Dark));
        Assert.Equal((0, 0), (At(corrected.Labels, 15, 65), At(corrected.Unsure, 15, 65)));
    }

    [Fact]
    public void UnsurePixelsTeachNothing()
    {
        using var folder = new TemporaryFolder();
        var picture = new RgbImage(64, 64);
        var labels = Boxes((1, 8, 8, 16, 16));
        var tile = new ImportedTile("a", picture, Cut(labels), ImportedTile.NoTypes) { Unsure = Cut(Boxes((1, 40, 0, 24, 64))) };
        DataSetImport.Write((new DataSetInfo { Name = "x", Mpp = 0.5 }, [tile]), Path.Combine(folder.Path, "set"), TextWriter.Null, CancellationToken.None);
        var set = DataSet.Load(new DataSetConfiguration { Name = "x", Folder = "set", Mpp = 0.5 }, folder.Path);
        var plain = new Augmentation { MinScale = 1, MaxScale = 1, Stretch = 0, FreeTurns = 0, PlainShare = 1 };
        var target = new CropSampler([set], plain, 1, 64, 1, new Mpp(0.5), 2).Draw(1).Target;
        var weights = target.Skip(3 * 64 * 64).Take(64 * 64).ToList();
        Assert.Equal(24 * 64, weights.Count(w => w == 0));
        Assert.Equal(16 * 16, target.Take(64 * 64).Count(p => p == 1));

        static LabelImage Cut(LabelImage from)
        {
            var cut = new LabelImage(64, 64);
            for (var at = 0; at < cut.Labels.Length; at++)
            {
                cut.Labels[at] = from.Labels[(at / 64 * 100) + (at % 64)];
            }

            return cut;
        }
    }

    private static int At(LabelImage image, int x, int y) => image.Labels[(y * image.Width) + x];

    private static LabelImage Boxes(params (int Label, int X, int Y, int Width, int Height)[] boxes)
    {
        var image = new LabelImage(100, 100);
        foreach (var box in boxes)
        {
            for (var at = 0; at < box.Width * box.Height; at++)
            {
                image.Labels[((box.Y + (at / box.Width)) * 100) + box.X + (at % box.Width)] = box.Label;
            }
        }

        return image;
    }
}
