using HoverFast.Labels.Png;
using HoverFast.Slides;
using HoverFast.Slides.Png;
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

    [Theory]
    [InlineData(8)]
    [InlineData(10)]
    [InlineData(12)]
    [InlineData(14)]
    [InlineData(16)]
    public void SixteenBitPngsMayHoldFewer(int used)
    {
        // A ramp from 0 to the largest value of so many bits.
        var values = Enumerable.Range(0, 256).Select(v => ((v * 257) + 20 > ushort.MaxValue ? ushort.MaxValue : (v * 257) + 20) >> (16 - used)).ToArray();
        using (var file = File.Create(_folder.File("a.png")))
        {
            GrayPng.Write16(file, 256, values);
        }

        var read = RgbImageFile.Read(_folder.File("a.png"));
        for (var v = 0; v < 256; v++)
        {
            Assert.InRange(read.Row(0)[(v * 3) + 1], v - 1, v + 1);
        }
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(2, 63, 0)]
    [InlineData(3, 63, 47)]
    [InlineData(4, 0, 47)]
    [InlineData(5, 0, 0)]
    [InlineData(6, 47, 0)]
    [InlineData(7, 47, 63)]
    [InlineData(8, 0, 63)]
    public void ExifOrientationIsHonouredAndSaid(int orientation, int x, int y)
    {
        // The corner that is stored first is red; where it belongs is what the tag says (EXIF 2.3, tag 274).
        var picture = new RgbImage(64, 48);
        picture.Span.Fill(255);
        for (var row = 0; row < 8; row++)
        {
            for (var column = 0; column < 8; column++)
            {
                ((byte[])[200, 0, 0]).CopyTo(picture.Row(row)[(column * 3)..]);
            }
        }

        var stream = TestPicture.Jpeg(picture, 95);
        byte[] exif = [0xFF, 0xE1, 0, 34, .. "Exif\0\0"u8, .. "MM"u8, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1, 0, (byte)orientation, 0, 0, 0, 0, 0, 0];
        using var slide = Slide.Open(_folder.Write("a.jpg", [.. stream[..2], .. exif, .. stream[2..]]));
        Assert.Equal(orientation >= 5 ? new PixelSize(48, 64) : new PixelSize(64, 48), slide.Levels[0].Size);
        Assert.Equal(orientation > 1, slide.Format.Contains("EXIF", StringComparison.Ordinal));
        var red = TestPicture.Read(slide, new PixelRect(x, y, 1, 1)).Span;
        Assert.True(red[0] > 150 && red[1] < 90, $"{red[0]}, {red[1]}, {red[2]}");
    }

    [Theory]
    [InlineData(12_500, 12_500, 0)]
    [InlineData(8_000, 8_000, 1)]
    [InlineData(1_000_000, 1_000_000, 0)]
    public void HugePicturesOfFewBytesAreRefusedBeforeTheyAreDecoded(int width, int height, byte interlace)
    {
        using (var file = File.Create(_folder.File("a.png")))
        {
            file.Write(PngChunks.Signature);
            PngChunks.Write(
                file,
                "IHDR"u8,
                [
                    (byte)(width >> 24),
                    (byte)(width >> 16),
                    (byte)(width >> 8),
                    (byte)width,
                    (byte)(height >> 24),
                    (byte)(height >> 16),
                    (byte)(height >> 8),
                    (byte)height,
                    8,
                    2,
                    0,
                    0,
                    interlace,
                ]);
            PngChunks.Write(file, "IDAT"u8, [0x78, 0x01, 0x03, 0x00, 0x00, 0x00, 0x00, 0x01]);
            PngChunks.Write(file, "IEND"u8, []);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<SlideException>(() => Slide.Open(_folder.File("a.png")));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20L << 20);
    }

    [Theory]
    [InlineData("gif/a.gif", "GIF")]
    [InlineData("hostile/interl.png", null)]
    [InlineData("hostile/big.webp", null)]
    public void SharedPictures(string name, string? format)
    {
        var path = SharedData.Require("cases", name);
        if (format is null)
        {
            try
            {
                using var read = Slide.Open(path);
                Assert.InRange(read.Levels[0].Size.Area, 1, 45_000_000);
            }
            catch (SlideException e)
            {
                Assert.Contains("pixels", e.Message);
            }

            return;
        }

        using var slide = Slide.Open(path);
        Assert.Equal(format, slide.Format);
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
