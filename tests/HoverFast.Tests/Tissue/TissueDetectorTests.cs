using HoverFast.Slides;
using HoverFast.Tests.Slides;
using HoverFast.Tissue;
using SkiaSharp;
using Xunit;

namespace HoverFast.Tests.Tissue;

public sealed class TissueDetectorTests
{
    private static readonly Mpp _cell = new(TissueDetector.CellSize);

    [Theory]
    [InlineData("tcga_tile.png", 0.95)]
    [InlineData("ihc_roi.png", 0.95)]
    [InlineData("medium-nuclei-score-level0.png", 0.95)]
    [InlineData("high-nuclei-score-red-pen-level1.png", 0.95)]
    [InlineData("almost-white-1.png", 0)]
    [InlineData("no-tissue-green-pen.png", 0)]
    public void SeesTissueOnRealTiles(string name, double share)
    {
        var mask = TissueDetector.Detect(Shrunk(SharedData.Require("tiles", name), 16), _cell);
        var found = (double)mask.Cells.Count(true) / mask.Cells.Length;
        if (share > 0)
        {
            Assert.InRange(found, share, 1);
        }
        else
        {
            Assert.Equal(0, found);
        }
    }

    [Theory]
    [InlineData(30, 160, 130, "green ink")]
    [InlineData(20, 60, 150, "blue ink")]
    [InlineData(220, 40, 45, "red ink")]
    [InlineData(35, 35, 40, "black ink")]
    [InlineData(0, 0, 0, "black fill")]
    [InlineData(205, 206, 206, "grey dust")]
    [InlineData(243, 243, 243, "glass")]
    public void LeavesOutWhatIsNoTissue(byte r, byte g, byte b, string what) =>
        Assert.True(TissueDetector.Detect(Patch(r, g, b, 20), _cell).IsEmpty, what);

    [Theory]
    [InlineData(235, 205, 225, "pale eosin")]
    [InlineData(200, 120, 170, "eosin")]
    [InlineData(95, 60, 140, "dense nuclei")]
    [InlineData(150, 150, 185, "haematoxylin of immunohistochemistry")]
    [InlineData(140, 95, 60, "DAB")]
    public void SeesEveryStain(byte r, byte g, byte b, string what)
    {
        var mask = TissueDetector.Detect(Patch(r, g, b, 20), _cell);
        Assert.True(mask.Contains(50 * 8, 50 * 8), what);
        Assert.False(mask.Contains(10 * 8, 10 * 8), what);
    }

    /// <summary>Several threads read at once: what fails is told as it is, and is no fault of the program.</summary>
    [Fact]
    public void ASlideThatCanNotBeReadSaysWhy()
    {
        using var folder = new TemporaryFolder();
        var tiff = new TestTiff();
        tiff.Add(TestPicture.Make(403, 301), 8, photometric: 2);
        using var slide = Slide.Open(folder.Write("a.tif", tiff.ToBytes()));
        using var failing = new FailingSlide(slide, new SlideException(slide.Path, "the server can't be reached"));

        var error = Assert.Throws<SlideException>(() => TissueDetector.Detect(failing, _cell, 2, TestContext.Current.CancellationToken));
        Assert.Contains("can't be reached", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gray", true)]
    [InlineData("crop", true)]
    [InlineData("blank", false)]
    [InlineData("noise", false)]
    [InlineData("pen", false)]
    public void APlainPictureThatIsntBlankIsTissueAsAWhole(string kind, bool tissue)
    {
        var random = new Random(1);
        var side = kind == "crop" ? 32 : 200;
        var picture = new RgbImage(side, side);
        picture.Span.Fill(243);
        for (var i = 0; i < side * side; i++)
        {
            var (x, y) = (i % side, i / side);
            var nucleus = ((x % 40) - 20) * ((x % 40) - 20) + (((y % 40) - 20) * ((y % 40) - 20)) < 80;
            var pixel = picture.Row(y).Slice(x * 3, 3);
            switch (kind)
            {
                case "gray":
                    pixel.Fill(nucleus ? (byte)80 : (byte)190);
                    break;
                case "crop":
                    ((byte[])(nucleus ? [120, 80, 150] : [225, 160, 205])).CopyTo(pixel);
                    break;
                case "noise":
                    pixel.Fill((byte)(240 + random.Next(6)));
                    break;
                case "pen" when x > 60:
                    ((byte[])[30, 150, 110]).CopyTo(pixel);
                    break;
            }
        }

        using var slide = new ImageSlide("a.png", "PNG", picture);
        var mask = TissueDetector.Detect(slide, new Mpp(0.25), 1, TestContext.Current.CancellationToken);
        Assert.Equal(!tissue, mask.IsEmpty);
        Assert.True(!tissue || mask.Source == "whole picture");
    }

    [Theory]
    [InlineData("crop32.png", false)]
    [InlineData("gray.png", false)]
    [InlineData("../tiles/almost-white-1.png", true)]
    [InlineData("../tiles/no-tissue-green-pen.png", true)]
    public void SharedPictures(string name, bool blank)
    {
        using var slide = Slide.Open(SharedData.Require("cases", name));
        Assert.Equal(blank, TissueDetector.Detect(slide, new Mpp(0.25), 1, TestContext.Current.CancellationToken).IsEmpty);
    }

    /// <summary>Around what was scanned, and in its holes, level 0 is white: the glass beside it has another colour, and its edge is no tissue.</summary>
    [Theory]
    [InlineData(243, 243, 243)]
    [InlineData(240, 230, 241)]
    public void WhatWasNotScannedIsNoGlass(byte r, byte g, byte b)
    {
        const int Tissue = 40;
        var picture = new RgbImage(2100, 300);
        picture.Span.Fill(255);
        Fill(new PixelRect(900, 90, 200, 120), r, g, b);
        Fill(new PixelRect(1050, 90, 50, 60), 255, 255, 255);
        Fill(new PixelRect(930, 130, Tissue, Tissue), 200, 120, 170);
        using var whole = new ImageSlide("a.png", "PNG", picture);
        using var slide = new PartOfSlide(whole, new PixelRect(900, 90, 200, 120));

        var mask = TissueDetector.Detect(slide, _cell, 1, TestContext.Current.CancellationToken);
        Assert.True(mask.Contains(950 * 8, 150 * 8));
        Assert.InRange(mask.AreaInSquareMillimetres, Tissue * Tissue * 64e-6, (Tissue + 8) * (Tissue + 8) * 64e-6);

        void Fill(PixelRect part, byte red, byte green, byte blue)
        {
            for (var y = part.Y; y < part.Bottom; y++)
            {
                for (var x = part.X; x < part.Right; x++)
                {
                    Paint(picture, x, y, red, green, blue);
                }
            }
        }
    }

    /// <summary>The last column and row of cells reach beyond the slide, where it is white.</summary>
    [Fact]
    public void TheEdgeOfTheSlideIsNoTissue()
    {
        var picture = new RgbImage(2101, 301);
        picture.Span.Fill(240);
        using var slide = new ImageSlide("a.png", "PNG", picture);
        Assert.True(TissueDetector.Detect(slide, new Mpp(5), 1, TestContext.Current.CancellationToken).IsEmpty);
    }

    [Fact]
    public void LeavesOutASpeckOfDust() => Assert.True(TissueDetector.Detect(Patch(200, 120, 170, 3), _cell).IsEmpty);

    [Fact]
    public void BridgesAPenStrokeAcrossTissue()
    {
        var picture = Patch(200, 120, 170, 60);
        for (var y = 48; y < 51; y++)
        {
            for (var x = 0; x < 100; x++)
            {
                Paint(picture, x, y, 30, 160, 130);
            }
        }

        var mask = TissueDetector.Detect(picture, _cell);
        Assert.True(mask.Contains(50 * 8, 49 * 8));
        Assert.False(mask.Contains(4 * 8, 49 * 8));
    }

    /// <summary>Glass of 100 x 100 cells with a square of one colour in the middle.</summary>
    private static RgbImage Patch(byte r, byte g, byte b, int edge)
    {
        var picture = new RgbImage(100, 100);
        picture.Span.Fill(243);
        for (var y = 50 - (edge / 2); y < 50 - (edge / 2) + edge; y++)
        {
            for (var x = 50 - (edge / 2); x < 50 - (edge / 2) + edge; x++)
            {
                Paint(picture, x, y, r, g, b);
            }
        }

        return picture;
    }

    private static void Paint(RgbImage picture, int x, int y, byte r, byte g, byte b)
    {
        var row = picture.Row(y);
        row[3 * x] = r;
        row[(3 * x) + 1] = g;
        row[(3 * x) + 2] = b;
    }

    private static RgbImage Shrunk(string path, int factor)
    {
        using var whole = SKBitmap.Decode(path);
        var small = new RgbImage(whole.Width / factor, whole.Height / factor);
        for (var y = 0; y < small.Height; y++)
        {
            for (var x = 0; x < small.Width; x++)
            {
                int r = 0, g = 0, b = 0;
                for (var i = 0; i < factor * factor; i++)
                {
                    var pixel = whole.GetPixel((x * factor) + (i % factor), (y * factor) + (i / factor));
                    r += pixel.Red;
                    g += pixel.Green;
                    b += pixel.Blue;
                }

                var n = factor * factor;
                Paint(small, x, y, (byte)(r / n), (byte)(g / n), (byte)(b / n));
            }
        }

        return small;
    }
}
