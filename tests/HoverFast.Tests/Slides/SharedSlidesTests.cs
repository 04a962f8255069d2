using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>Every real slide at hand is read, or refused with a reason.</summary>
public sealed class SharedSlidesTests
{
    [Theory]
    [InlineData("CMU-1-Small-Region.svs", "Aperio SVS", 2220, 2967, 1, 0.499)]
    [InlineData("TCGA-CR-7395-01A-01-TS1.svs", "Aperio SVS", 4443, 3567, 2, null)]
    [InlineData("kidney-48-5.tif", "TIFF", 1493, 901, 1, null)]
    [InlineData("small_HE_levels.tiff", "TIFF", 300, 250, 4, null)]
    [InlineData("smalltif.tif", "TIFF", 640, 480, 1, null)]
    [InlineData("yb10kx5k.zstd.tiff", "BigTIFF", 10000, 5000, 5, null)]
    public void IsRead(string name, string format, int width, int height, int levels, double? mpp)
    {
        using var slide = Slide.Open(SharedData.Require("slides", name));
        Assert.Equal(format, slide.Format);
        Assert.Equal(new PixelSize(width, height), slide.Levels[0].Size);
        Assert.Equal(levels, slide.Levels.Count);
        Assert.Equal(mpp, slide.Calibration?.Mpp.MicronsPerPixel);
        for (var level = 0; level < levels; level++)
        {
            var size = slide.Levels[level].Size;
            var image = TestPicture.Read(slide, new PixelRect(0, 0, Math.Min(size.Width, 1100), Math.Min(size.Height, 900)), level);
            var bytes = image.Span.ToArray();
            Assert.True(bytes.Distinct().Count() > 1, $"level {level} of {name} is one flat colour");
        }
    }

    [Theory]
    [InlineData("broken.svs", "no picture")]
    [InlineData("unopenable.tiff", "compression 52479")]
    public void IsRefused(string name, string reason)
    {
        var error = Assert.Throws<SlideException>(() => Slide.Open(SharedData.Require("slides", name)));
        Assert.Contains(name, error.Message);
        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void Jpeg2000LooksAsOpenSlideHasIt()
    {
        // Means of what OpenSlide 3.4.1 with OpenJPEG 2.5.0 reads here.
        using var slide = Slide.Open(SharedData.Require("slides", "TCGA-CR-7395-01A-01-TS1.svs"));
        var image = TestPicture.Read(slide, new PixelRect(1000, 1000, 700, 600));
        for (var c = 0; c < 3; c++)
        {
            long sum = 0;
            for (var i = c; i < image.Span.Length; i += 3)
            {
                sum += image.Span[i];
            }

            Assert.Equal(new[] { 203.2630, 110.3694, 157.8675 }[c], sum / (700.0 * 600), 0.01);
        }

        Assert.Throws<SlideException>(() => new SlideCalibrator().Resolve(slide));
    }

    [Fact]
    public void DamagedTileOfUnreadableIsReported()
    {
        using var slide = Slide.Open(SharedData.Require("slides", "unreadable.svs"));
        var error = Assert.Throws<SlideException>(() => TestPicture.ReadLevel(slide));
        Assert.NotNull(error.Region);
    }
}
