using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>
/// The readers' inputs of public bug reports: each holds the same drawn tissue, stored in a way that went wrong somewhere. Small twins that need no folder
/// stand in the other tests.
/// </summary>
public sealed class SharedCasesTests
{
    [Theory]
    [InlineData("aperio-mpp-comma.svs", "s.png", 0.25)]
    [InlineData("next-ifd-garbage.tif", "s.png", 0.25)]
    [InlineData("tiles-in-strip-tags.tif", "s.png", 0.25)]
    [InlineData("thumbnail-page-first.tif", "s.png", 0.25)]
    [InlineData("rgbx-fourth-unspecified-0.tif", "s.png", 0.25)]
    [InlineData("ome-unit-latin1.ome.tif", "s.png", 0.25)]
    [InlineData("ome-3-planes.ome.tif", "s.png", 0.25)]
    [InlineData("qptiff/a.qptiff", "s.png", 0.25)]
    [InlineData("12bit-in-16.tif", "t.png", 0.25)]
    [InlineData("fillorder2.tif", "t.png", 0.25)]
    public void HoldTheTissue(string file, string picture, double mpp)
    {
        using var expected = Slide.Open(SharedData.Require("cases", picture));
        using var slide = Slide.Open(SharedData.Require("cases", file));
        TestPicture.AssertSame(TestPicture.ReadLevel(expected), TestPicture.ReadLevel(slide));
        Assert.Equal(mpp, new SlideCalibrator().Resolve(slide).Mpp.MicronsPerPixel, 6);
    }

    [Fact]
    public void Jpeg2000OfVipsIsRead()
    {
        using var expected = Slide.Open(SharedData.Require("cases", "s.png"));
        using var slide = Slide.Open(SharedData.Require("cases", "vips-jp2k-33004.tif"));
        TestPicture.AssertClose(TestPicture.ReadLevel(expected), TestPicture.ReadLevel(slide), 8);
    }

    [Fact]
    public void PixelsThatArentSquareAreRefused()
    {
        using var slide = Slide.Open(SharedData.Require("cases", "aniso-0.25-0.5.tif"));
        var error = Assert.Throws<SlideException>(() => new SlideCalibrator().Resolve(slide));
        Assert.Contains("0.25 um wide and 0.5 um high", error.Message);
        Assert.Equal(0.25, new SlideCalibrator { Stated = new Mpp(0.25) }.Resolve(slide).Mpp.MicronsPerPixel);
    }

    [Fact]
    public void AbsentCoarseTilesComeFromTheFinerLevel()
    {
        using var slide = Slide.Open(SharedData.Require("cases", "coarse-level-absent.svs"));
        Assert.Equal(3, slide.Levels.Count);
        var coarse = TestPicture.ReadLevel(slide, 2);
        var finer = TestPicture.ReadLevel(slide, 1);
        var mean = new RgbImage(256, 256);
        for (var y = 0; y < 256; y++)
        {
            Resampler.Halve(finer.Row(2 * y), finer.Row((2 * y) + 1), mean.Row(y), vectors: false);
        }

        TestPicture.AssertClose(mean, coarse, 0.6);
        Assert.True(coarse.Span.ToArray().Distinct().Count() > 20);
    }
}
