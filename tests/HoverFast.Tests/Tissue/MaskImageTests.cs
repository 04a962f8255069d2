using HoverFast.Labels.Png;
using HoverFast.Slides;
using HoverFast.Slides.Png;
using HoverFast.Tests.Slides;
using HoverFast.Tissue;
using SkiaSharp;
using Xunit;

namespace HoverFast.Tests.Tissue;

public sealed class MaskImageTests : IDisposable
{
    private static readonly Mpp _half = new(0.5);
    private static readonly PixelSize _slide = new(400, 200);
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(4095)]
    [InlineData(65535)]
    public void AboveZeroIsTissueInSixteenBitPngs(int value)
    {
        var labels = new int[40 * 20];
        labels[(5 * 40) + 10] = value;
        using (var file = File.Create(_folder.File("m.png")))
        {
            GrayPng.Write16(file, 40, labels);
        }

        AssertOneCell(Read("m.png"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(128)]
    [InlineData(255)]
    public void AboveZeroIsTissueInEightBits(byte value)
    {
        using var picture = new SKBitmap(40, 20, SKColorType.Gray8, SKAlphaType.Opaque);
        picture.Erase(SKColors.Black);
        picture.SetPixel(10, 5, new SKColor(value, value, value));
        Save(picture, "m.png", SKEncodedImageFormat.Png);
        AssertOneCell(Read("m.png"));
    }

    [Theory]
    [InlineData(8, 1, 1)]
    [InlineData(8, 5, 255)]
    [InlineData(16, 8, 1)]
    [InlineData(16, 8, 200)]
    public void TiffMasksAreRead(int bits, int compression, int value)
    {
        var picture = new RgbImage(40, 20);
        picture.Row(5).Slice(30, 3).Fill((byte)value);
        foreach (var tiled in new[] { false, true })
        {
            // The low values of 16 bits: 1 for 1, not 256.
            var tiff = new TestTiff { UsedBits = 8 };
            tiff.Add(picture, compression, 16, tiled: tiled, bits: bits, samples: 1, photometric: 1);
            _folder.Write("m.tif", tiff.ToBytes());
            AssertOneCell(Read("m.tif"));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void WhatATiffMaskLacksIsNoTissue(bool tiled)
    {
        var picture = new RgbImage(40, 20);
        picture.Row(5).Slice(30, 3).Fill(1);
        var tiff = new TestTiff();
        var page = tiff.Add(picture, 8, 16, tiled: tiled, samples: 1, photometric: 1);
        for (var i = 1; i < page.Parts.Count; i++)
        {
            page.Parts[i] = [];
        }

        _folder.Write("m.tif", tiff.ToBytes());
        AssertOneCell(Read("m.tif"));
    }

    [Fact]
    public void BilevelTiffMasksAreRead()
    {
        var tiff = new TestTiff();
        var page = tiff.Add(new RgbImage(40, 20), samples: 1, photometric: 1, tiled: false, tile: 20);
        page.Tags[258] = (ushort)1;
        page.Parts[0] = new byte[100];
        page.Parts[0][26] = 0b00100000;
        _folder.Write("m.tif", tiff.ToBytes());
        AssertOneCell(Read("m.tif"));
    }

    [Fact]
    public void LossyMasksArePartedAtHalf()
    {
        using var picture = new SKBitmap(400, 200, SKColorType.Gray8, SKAlphaType.Opaque);
        picture.Erase(SKColors.Black);
        using (var canvas = new SKCanvas(picture))
        {
            canvas.DrawRect(100, 50, 100, 100, new SKPaint { Color = SKColors.White, IsAntialias = false });
        }

        Save(picture, "m.jpg", SKEncodedImageFormat.Jpeg);
        var mask = Read("m.jpg");
        Assert.Equal(100 * 100 * 0.25e-6, mask.AreaInSquareMillimetres, 100 * 0.25e-6);
    }

    [Fact]
    public void TransparentPixelsAreNoTissue()
    {
        using var picture = new SKBitmap(40, 20, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        picture.Erase(new SKColor(255, 255, 255, 0));
        picture.SetPixel(10, 5, new SKColor(255, 255, 255, 255));
        Save(picture, "m.png", SKEncodedImageFormat.Png);
        AssertOneCell(Read("m.png"));
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(2, true)]
    public void TransparentPixelsOfTiffMasksAreNoTissue(int extra, bool colour)
    {
        // Straight alpha lies over a colour that nobody sees; with premultiplied alpha it is black.
        var tiff = new TestTiff();
        var page = tiff.Add(new RgbImage(40, 20), tile: 20, tiled: false, samples: 4);
        page.Tags[338] = (ushort)extra;
        page.Parts[0] = new byte[40 * 20 * 4];
        for (var i = 0; colour && i < page.Parts[0].Length; i += 4)
        {
            page.Parts[0].AsSpan(i, 3).Fill(200);
        }

        page.Parts[0].AsSpan(((5 * 40) + 10) * 4, 4).Fill(255);
        _folder.Write("m.tif", tiff.ToBytes());
        AssertOneCell(Read("m.tif"));
    }

    [Fact]
    public void ACutMaskIsRefused()
    {
        using var picture = new SKBitmap(400, 200);
        var random = new Random(1);
        for (var i = 0; i < 80_000; i++)
        {
            picture.SetPixel(i % 400, i / 400, new SKColor((uint)random.Next()));
        }

        Save(picture, "m.png", SKEncodedImageFormat.Png);
        var bytes = File.ReadAllBytes(_folder.File("m.png"));
        _folder.Write("m.png", bytes[..(bytes.Length / 2)]);
        Assert.Contains("cut short", Assert.Throws<SlideException>(() => Read("m.png")).Message);
    }

    [Theory]
    [InlineData("case.PNG")]
    [InlineData("case.svs_mask.Png")]
    [InlineData("case/case_mask_use.TIF")]
    public void EndingsAreFoundInAnyCase(string name)
    {
        Directory.CreateDirectory(_folder.File("case"));
        _folder.Write("other.png", []);
        _folder.Write(name, []);
        Assert.Equal(_folder.File(name), MaskImage.Find(_folder.Path, "/slides/case.svs"));
        Assert.Null(MaskImage.Find(_folder.Path, "/slides/cas.svs"));
    }

    /// <summary>The last number of a UID is no extension, and the whole name tells more than the name without one.</summary>
    [Fact]
    public void AMaskIsOfTheSlideWhoseWholeNameItHas()
    {
        foreach (var name in (string[])["1.2.3.png", "1.2.4.png", "1.2.4.7.png", "case.png", "case.ndpi.png"])
        {
            File.WriteAllBytes(_folder.File(name), []);
        }

        Assert.Null(MaskImage.Find(_folder.Path, "/slides/1.2.3.4"));
        Assert.Equal(_folder.File("1.2.4.7.png"), MaskImage.Find(_folder.Path, "/slides/1.2.4.7"));
        Assert.Equal(_folder.File("case.png"), MaskImage.Find(_folder.Path, "/slides/case.svs"));
        Assert.Equal(_folder.File("case.ndpi.png"), MaskImage.Find(_folder.Path, "/slides/case.ndpi"));
    }

    [Fact]
    public void ItsShapeTellsWhetherAMaskCoversTheBounds()
    {
        // The slide's scan is a square in the lower right of level 0.
        var bounds = new PixelRect(180, 0, 200, 200);
        using var square = new SKBitmap(20, 20, SKColorType.Gray8, SKAlphaType.Opaque);
        square.Erase(SKColors.Black);
        square.SetPixel(5, 5, SKColors.White);
        Save(square, "bounds.png", SKEncodedImageFormat.Png);
        var mask = MaskImage.Read(_folder.File("bounds.png"), _slide, bounds, _half);
        Assert.True(mask.Contains((180 + 55) * 0.5, 55 * 0.5));
        Assert.False(mask.Contains(55 * 0.5, 55 * 0.5));
        Assert.Equal(100 * 0.25e-6, mask.AreaInSquareMillimetres, 12);

        using var whole = new SKBitmap(40, 20, SKColorType.Gray8, SKAlphaType.Opaque);
        whole.Erase(SKColors.Black);
        whole.SetPixel(10, 5, SKColors.White);
        Save(whole, "whole.png", SKEncodedImageFormat.Png);
        AssertOneCell(MaskImage.Read(_folder.File("whole.png"), _slide, bounds, _half));
        using var neither = new SKBitmap(20, 40);
        Save(neither, "neither.png", SKEncodedImageFormat.Png);
        Assert.Throws<SlideException>(() => MaskImage.Read(_folder.File("neither.png"), _slide, bounds, _half));
    }

    [Fact]
    public void LargeMasksLoseNoPixel()
    {
        // One pixel of 200 million; the file is small.
        var rows = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(rows, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            var row = new byte[1 + 2500];
            for (var y = 0; y < 10_000; y++)
            {
                row[1 + 1234] = y == 7777 ? (byte)0b00010000 : (byte)0;
                zlib.Write(row);
            }
        }

        using (var file = File.Create(_folder.File("m.png")))
        {
            file.Write(PngChunks.Signature);
            PngChunks.Write(file, "IHDR"u8, [0, 0, 0x4E, 0x20, 0, 0, 0x27, 0x10, 1, 0, 0, 0, 0]);
            PngChunks.Write(file, "IDAT"u8, rows.ToArray());
            PngChunks.Write(file, "IEND"u8, []);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        var mask = MaskImage.Read(_folder.File("m.png"), new PixelSize(20_000, 10_000), new PixelRect(0, 0, 20_000, 10_000), _half);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200L << 20);
        Assert.Equal(1, mask.Cells.Count(true));
        Assert.True(mask.Contains(((1234 * 8) + 3.5) * 0.5, 7777.5 * 0.5));
    }

    [Theory]
    [InlineData("mask01/s.png")]
    [InlineData("mask-tif/s.tif")]
    [InlineData("mask-upper/s.PNG")]
    public void SharedMasks(string name)
    {
        var mask = MaskImage.Read(SharedData.Require("cases", name), new PixelSize(256, 256), new PixelRect(0, 0, 256, 256), new Mpp(0.25));
        Assert.InRange(mask.Cells.Count(true), 1, (64 * 64) - 1);
    }

    [Fact]
    public void SharedCutMask() =>
        Assert.Contains(
            "cut short",
            Assert
                .Throws<SlideException>(() =>
                    MaskImage.Read(SharedData.Require("cases", "mask-cut", "s.png"), new PixelSize(256, 256), new PixelRect(0, 0, 256, 256), new Mpp(0.25)))
                .Message);

    public void Dispose() => _folder.Dispose();

    private static void AssertOneCell(TissueMask mask)
    {
        Assert.Equal(1, mask.Cells.Count(true));
        Assert.True(mask.Contains(105 * 0.5, 55 * 0.5));
    }

    private TissueMask Read(string name) => MaskImage.Read(_folder.File(name), _slide, new PixelRect(0, 0, _slide.Width, _slide.Height), _half);

    private void Save(SKBitmap picture, string name, SKEncodedImageFormat format)
    {
        using var file = File.Create(_folder.File(name));
        picture.Encode(file, format, 90);
    }
}
