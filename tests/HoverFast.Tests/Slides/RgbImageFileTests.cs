using HoverFast.Slides;
using SkiaSharp;
using Xunit;

namespace HoverFast.Tests.Slides;

public sealed class RgbImageFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void PngComesBackAsItWas()
    {
        var picture = TestPicture.Make(133, 77);
        RgbImageFile.WritePng(_folder.File("a.png"), picture);
        TestPicture.AssertSame(picture, RgbImageFile.Read(_folder.File("a.png")));
    }

    [Fact]
    public void JpegComesBackAlmost()
    {
        var picture = TestPicture.Make(133, 77);
        RgbImageFile.WriteJpeg(_folder.File("a.jpg"), picture, 95);
        TestPicture.AssertClose(picture, RgbImageFile.Read(_folder.File("a.jpg")), 6);
    }

    [Fact]
    public void TransparencyIsLaidOverWhite()
    {
        using var bitmap = new SKBitmap(new SKImageInfo(2, 1, SKColorType.Rgba8888, SKAlphaType.Unpremul));
        bitmap.SetPixel(0, 0, new SKColor(10, 20, 30, 0));
        bitmap.SetPixel(1, 0, new SKColor(0, 100, 200, 128));
        using var data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        var read = RgbImageFile.Read(_folder.Write("a.png", data.ToArray()));
        Assert.Equal([255, 255, 255, 127, 177, 227], read.Span.ToArray());
    }

    [Theory]
    [InlineData(".png")]
    [InlineData(".jpg")]
    public void CutPictureIsAnError(string ending)
    {
        var path = _folder.File("a" + ending);
        if (ending == ".png")
        {
            RgbImageFile.WritePng(path, TestPicture.Make(200, 200));
        }
        else
        {
            RgbImageFile.WriteJpeg(path, TestPicture.Make(200, 200));
        }

        var bytes = File.ReadAllBytes(path);
        foreach (var part in new[] { 0.1, 0.5, 0.9 })
        {
            File.WriteAllBytes(path, bytes[..(int)(bytes.Length * part)]);
            var error = Assert.Throws<SlideException>(() => Slide.Open(path));
            Assert.Contains(path, error.Message);
        }
    }

    [Fact]
    public void WhatIsNoPictureIsRefused()
    {
        var text = _folder.Write("a.png", "this is no picture at all, whatever its name says"u8.ToArray());
        Assert.Contains("no picture", Assert.Throws<SlideException>(() => Slide.Open(text)).Message);
        var empty = _folder.Write("b.png", []);
        Assert.Contains("empty", Assert.Throws<SlideException>(() => Slide.Open(empty)).Message);
        Assert.Contains("no such file", Assert.Throws<SlideException>(() => Slide.Open(_folder.File("c.png"))).Message);
    }

    [Fact]
    public void PictureIsASlideOfOneLevel()
    {
        var picture = TestPicture.Make(50, 40);
        RgbImageFile.WritePng(_folder.File("a.dat"), picture);
        using var slide = Slide.Open(_folder.File("a.dat"));
        Assert.Equal("PNG", slide.Format);
        Assert.Null(slide.Calibration);
        var region = new PixelRect(-5, 30, 20, 20);
        TestPicture.AssertSame(TestPicture.Crop(picture, region), TestPicture.Read(slide, region));
    }

    [Fact]
    public void FastAndPlainConversionAgree()
    {
        var rgba = Enumerable.Range(0, 4 * 1003).Select(i => (byte)(i * 31)).ToArray();
        foreach (var pixels in new[] { 1, 3, 4, 5, 17, 1003 })
        {
            var fast = new byte[pixels * 3];
            var plain = new byte[pixels * 3];
            RgbaToRgb.Convert(rgba.AsSpan(0, pixels * 4), fast);
            RgbaToRgb.ConvertScalar(rgba.AsSpan(0, pixels * 4), plain);
            Assert.Equal(plain, fast);
        }
    }

    public void Dispose() => _folder.Dispose();
}
