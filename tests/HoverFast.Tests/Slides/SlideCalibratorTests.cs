using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Slides;

public sealed class SlideCalibratorTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void MissingPixelSizeNamesThreeWaysOut()
    {
        using var slide = Open(null);
        var error = Assert.Throws<SlideException>(() => new SlideCalibrator().Resolve(slide));
        Assert.Contains("--mpp ", error.Message);
        Assert.Contains("--mpp-table", error.Message);
        Assert.Contains("--assume-magnification", error.Message);
    }

    [Fact]
    public void AbsurdPixelSizeIsRefused()
    {
        using var slide = Open(7);
        var error = Assert.Throws<SlideException>(() => new SlideCalibrator().Resolve(slide));
        Assert.Contains("7.0000 um/px", error.Message);
        Assert.Contains("--assume-magnification", error.Message);
        Assert.Throws<SlideException>(() => new SlideCalibrator { Stated = new Mpp(0.04) }.Resolve(slide));
    }

    [Fact]
    public void TheUserCountsMoreThanTheFile()
    {
        using var slide = Open(0.25);
        Assert.Equal((new Mpp(0.25), "Aperio MPP"), Resolve(new SlideCalibrator(), slide));
        Assert.Equal((new Mpp(0.25), "Aperio MPP"), Resolve(new SlideCalibrator { AssumedMagnification = 20 }, slide));
        var calibrator = new SlideCalibrator { Stated = new Mpp(0.3) };
        Assert.Equal((new Mpp(0.3), "--mpp"), Resolve(calibrator, slide));
        calibrator.AddTable(_folder.Write("t.csv", "slide,mpp\n# checked by hand\nother.tif,0.9\n\nslide,0.4\n"u8.ToArray()));
        Assert.Equal((new Mpp(0.4), "table of overrides"), Resolve(calibrator, slide));
    }

    [Fact]
    public void MagnificationStandsIn()
    {
        using var slide = Open(null);
        Assert.Equal((new Mpp(0.5), "--assume-magnification"), Resolve(new SlideCalibrator { AssumedMagnification = 20 }, slide));
    }

    [Theory]
    [InlineData("a.svs,0.25\nb.svs,fine", "line 2")]
    [InlineData("a.svs,25", "line 1")]
    [InlineData("name,mpp\nb.svs", "line 2")]
    public void BadTableLinesAreNamed(string table, string expected)
    {
        var path = _folder.Write("t.csv", System.Text.Encoding.UTF8.GetBytes(table));
        var error = Assert.Throws<SlideException>(() => new SlideCalibrator().AddTable(path));
        Assert.Contains(expected, error.Message);
    }

    public void Dispose() => _folder.Dispose();

    private static (Mpp Mpp, string Source) Resolve(SlideCalibrator calibrator, ISlide slide)
    {
        var settled = calibrator.Resolve(slide);
        return (settled.Mpp, settled.Source);
    }

    private ISlide Open(double? mpp)
    {
        var tiff = new TestTiff();
        tiff.Add(TestPicture.Make(64, 64)).Tags[270] = mpp is null ? "Aperio X" : $"Aperio X|MPP = {mpp}";
        return Slide.Open(_folder.Write("slide.tif", tiff.ToBytes()));
    }
}
