using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Slides;

public sealed class SlideCalibratorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void AMissingPixelSizeIsSaidToBeOne()
    {
        using var slide = Open(null);
        var error = Assert.Throws<SlideException>(() => new SlideCalibrator().Resolve(slide));
        Assert.Equal(SlideProblem.PixelSize, error.Kind);
    }

    [Fact]
    public void AbsurdPixelSizeIsRefused()
    {
        using var slide = Open(7);
        var error = Assert.Throws<SlideException>(() => new SlideCalibrator().Resolve(slide));
        Assert.Contains("7.0000 um/px", error.Message);
        Assert.Equal(SlideProblem.PixelSize, error.Kind);
        Assert.Throws<SlideException>(() => new SlideCalibrator { Stated = new Mpp(0.04) }.Resolve(slide));
    }

    [Fact]
    public void TheUserCountsMoreThanTheFile()
    {
        using var slide = Open(0.25);
        Assert.Equal((new Mpp(0.25), "Aperio MPP"), Resolve(new SlideCalibrator(), slide));
        Assert.Equal((new Mpp(0.25), "Aperio MPP"), Resolve(new SlideCalibrator { AssumedMagnification = 20 }, slide));
        var calibrator = new SlideCalibrator { Stated = new Mpp(0.3) };
        Assert.Equal((new Mpp(0.3), "given"), Resolve(calibrator, slide));
        calibrator.AddTable(_folder.Write("t.csv", "slide,mpp\n# checked by hand\nother.tif,0.9\n\nslide,0.4\n"u8.ToArray()));
        Assert.Equal((new Mpp(0.4), "table of overrides"), Resolve(calibrator, slide));
    }

    /// <summary>A pixel size that is given counts; that the file states another is kept to be told.</summary>
    [Fact]
    public void WhatTheFileStatesIsKeptWhereAnotherIsGiven()
    {
        using var slide = Open(0.5);
        using var screen = Open(7);
        using var none = Open(null);
        var calibrator = new SlideCalibrator { Stated = new Mpp(0.25) };

        var taken = calibrator.Resolve(slide);
        Assert.Equal((new Mpp(0.25), "given"), (taken.Mpp, taken.Source));
        Assert.Equal((new Mpp(0.5), "Aperio MPP"), (taken.Overridden!.Mpp, taken.Overridden.Source));
        Assert.Null(calibrator.Resolve(none).Overridden);
        Assert.Null(calibrator.Resolve(screen).Overridden);
        Assert.Null(new SlideCalibrator { Stated = new Mpp(0.46) }.Resolve(slide).Overridden);
        Assert.NotNull(new SlideCalibrator { Stated = new Mpp(0.56) }.Resolve(slide).Overridden);

        // A table names the very slide.
        calibrator.AddTable(_folder.Write("t.csv", "slide,0.25\n"u8.ToArray()));
        Assert.Null(calibrator.Resolve(slide).Overridden);
    }

    [Fact]
    public void MagnificationStandsIn()
    {
        using var slide = Open(null);
        Assert.Equal((new Mpp(0.5), "assumed magnification"), Resolve(new SlideCalibrator { AssumedMagnification = 20 }, slide));
    }

    [Theory]
    [InlineData("a.svs,0.25\nb.svs,fine", "line 2")]
    [InlineData("a.svs,fine", "line 1")]
    [InlineData("a.svs,0.25lm", "line 1")]
    [InlineData("a.svs,40x", "line 1")]
    [InlineData("a.svs,0,25", "write 0.25")]
    [InlineData("slide,mpp,n\na.svs,1,25,7", "write 1.25")]
    [InlineData("a.svs,0.25\nx/a.svs,0.25\na.svs,0.5", "lines 1 and 3")]
    [InlineData("a.svs,\"0.25\nb.svs,0.5", "line 1")]
    [InlineData("a.svs,25", "line 1")]
    [InlineData("name,mpp\nb.svs", "line 2")]
    public void BadTableLinesAreNamed(string table, string expected)
    {
        var path = _folder.Write("t.csv", System.Text.Encoding.UTF8.GetBytes(table));
        var error = Assert.Throws<SlideException>(() => new SlideCalibrator().AddTable(path));
        Assert.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("slide.tif,0.25", 0.25)]
    [InlineData("slide;1,25", 1.25)]
    [InlineData("slide\t0,25", 0.25)]
    [InlineData("\"slide.tif\",\"0,25\"", 0.25)]
    [InlineData("slide.tif,0.25um", 0.25)]
    [InlineData("slide.tif,0.25 \u00B5m/px", 0.25)]
    [InlineData("slide.tif,250 nm", 0.25)]
    [InlineData("\uFEFFslide.tif,0.25", 0.25)]
    [InlineData("sep=;\nslide.tif;0,25", 0.25)]
    [InlineData("case,file,mpp\n7,slide.tif,0.25", 0.25)]
    [InlineData("file,mpp\n\"other, old.tif\",0.5\nslide.tif,0.25", 0.25)]
    [InlineData("\"say \"\"x\"\".tif\",0.5\r\nslide,0.25\r\n", 0.25)]
    [InlineData("scans/slide.tif,0.25\nslide.tif,0.5", 0.25)]
    [InlineData("elsewhere/slide.tif,0.5\nslide,0.25", 0.25)]
    [InlineData("scans\\slide.tif,0.25", 0.25)]
    [InlineData("./slide.tif,0.25", 0.25)]
    public void TablesOfManyHands(string table, double mpp)
    {
        Directory.CreateDirectory(_folder.File("scans"));
        using var slide = Open(null, "scans/slide.tif");
        var calibrator = new SlideCalibrator();
        calibrator.AddTable(_folder.Write("t.csv", System.Text.Encoding.UTF8.GetBytes(table)));
        Assert.Equal((new Mpp(mpp), "table of overrides"), Resolve(calibrator, slide));
    }

    [Fact]
    public void RowsThatMatchNothingAreListed()
    {
        var calibrator = new SlideCalibrator();
        calibrator.AddTable(_folder.Write("t.csv", "a.svs,0.25\ndev/b.svs,0.25\n1.2.3,0.5\n\nold/c,0.25\n"u8.ToArray()));
        Assert.Equal(["line 3 (1.2.3)", "line 5 (old/c)"], calibrator.UnmatchedRows(["/x/a.svs", "y/dev/b.svs", "/x/1.2.3.4", "/new/c.svs"]));
    }

    public void Dispose() => _folder.Dispose();

    private static (Mpp Mpp, string Source) Resolve(SlideCalibrator calibrator, ISlide slide)
    {
        var settled = calibrator.Resolve(slide);
        return (settled.Mpp, settled.Source);
    }

    private ISlide Open(double? mpp, string name = "slide.tif")
    {
        var tiff = new TestTiff();
        tiff.Add(TestPicture.Make(64, 64)).Tags[270] = mpp is null ? "Aperio X" : $"Aperio X|MPP = {mpp}";
        return Slide.Open(_folder.Write(name, tiff.ToBytes()));
    }
}
