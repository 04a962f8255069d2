using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Slides;

/// <summary>DICOM files of public bug reports: all hold the picture s.png, compressed as JPEG.</summary>
public sealed class SharedDicomCasesTests
{
    [Theory]
    [InlineData("rgb-tag-ycbcr-jpeg.dcm")]
    [InlineData("un-sequence.dcm")]
    [InlineData("concat/1.dcm")]
    [InlineData("concat/2.dcm")]
    [InlineData("series/l0.dcm")]
    public void HoldsTheWholePictureInItsColours(string name)
    {
        using var expected = Slide.Open(SharedData.Require("cases", "s.png"));
        using var slide = Slide.Open(SharedData.Require("cases", name));
        Assert.Equal(0.25, slide.Calibration!.Mpp.MicronsPerPixel, 1e-6);
        TestPicture.AssertClose(TestPicture.ReadLevel(expected), TestPicture.ReadLevel(slide), 2.5);
    }

    [Theory]
    [InlineData("sm_image.dcm", "c05080458a5d583e86f8a28b3aea56344470450c12b89b7a00476e936fc272cb")]
    [InlineData("sm_image_dots.dcm", "8248caa1737dd11e870c405b9c19da9b7007f98492daf3eab2e36a2dfb89e427")]
    public void HasThePixelsThatPydicomReads(string name, string hash)
    {
        // SHA-256 of the 50 x 50 pixels, RGB, that pydicom 2.3.1 reads of the frames, put together by their order.
        using var slide = Slide.Open(SharedData.Require("slides", "dicom", name));
        Assert.Equal(0.499, slide.Calibration!.Mpp.MicronsPerPixel, 1e-9);
        Assert.Equal(hash, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(TestPicture.ReadLevel(slide).Span)));
    }

    [Fact]
    public void ASeriesIsOneSlide()
    {
        var folder = SharedData.Require("cases", "series");
        var slides = Slide.Among(Directory.GetFiles(folder).Order(StringComparer.Ordinal));
        Assert.Equal(["l0.dcm"], slides.Select(Path.GetFileName));
        Assert.Equal(["l0.dcm", "l1.dcm"], Slide.FilesOf(slides[0]).Select(Path.GetFileName));
        Assert.Equal(["1.dcm"], Slide.Among(Directory.GetFiles(SharedData.Require("cases", "concat"))).Select(Path.GetFileName));
        Assert.Equal(2, Slide.Among(Directory.GetFiles(SharedData.Require("cases", "uid"))).Count);
    }

    [Fact]
    public void SixteenBitsAreRefused()
    {
        var error = Assert.Throws<SlideException>(() => Slide.Open(SharedData.Require("slides", "dicom", "sm_image_grayscale.dcm")));
        Assert.Contains("8 bits a sample", error.Message);
    }

    [Fact]
    public void ADualPersonalityLabelIsALabel()
    {
        var error = Assert.Throws<SlideException>(() => Slide.Open(SharedData.Require("cases", "dual", "label.dcm")));
        Assert.Contains("LABEL", error.Message);
    }

    [Fact]
    public void TwentyThousandTilesOfOnePixelAreRefused()
    {
        using var folder = new TemporaryFolder();
        using var packed = new System.IO.Compression.GZipStream(
            File.OpenRead(SharedData.Require("cases", "hostile", "sparse1x1.dcm.gz")),
            System.IO.Compression.CompressionMode.Decompress);
        var bytes = new MemoryStream();
        packed.CopyTo(bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<SlideException>(() => Slide.Open(folder.Write("a.dcm", bytes.ToArray())));
        Assert.Contains("400000000 tiles", error.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 << 20);
    }
}
