using HoverFast.Slides;
using HoverFast.Synthetic;
using HoverFast.Tests.Slides;
using Xunit;

namespace HoverFast.Tests.Synthetic;

public sealed class SyntheticSlideTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void DrawnTissueIsTheSameForTheSameSeed()
    {
        var a = DrawnTissue.Draw(300, 260, new Mpp(0.5), 3);
        var b = DrawnTissue.Draw(300, 260, new Mpp(0.5), 3);
        TestPicture.AssertSame(a.Image, b.Image);
        Assert.Equal(a.Nuclei, b.Nuclei);
        Assert.NotEqual(a.Image.Span.ToArray(), DrawnTissue.Draw(300, 260, new Mpp(0.5), 4).Image.Span.ToArray());
    }

    /// <summary>Its tiles are stored once, and yet the readers believe the file its size.</summary>
    [Theory]
    [InlineData(100_000, 80_000, 0.02)]
    [InlineData(50_000, 40_000, 0.1)]
    [InlineData(120_000, 120_000, 0)]
    public void LargeSlidesAreReadAgain(int width, int height, double tissue)
    {
        var path = _folder.File("large.svs");
        SyntheticSlide.Write(path, new SyntheticSlideOptions { Size = new PixelSize(width, height), TissueFraction = tissue, Pieces = 1 });
        using var slide = Slide.Open(path);
        Assert.Equal(new PixelSize(width, height), slide.Levels[0].Size);
        Assert.InRange(new FileInfo(path).Length, 0, 100_000_000);
    }

    [Fact]
    public void LabelsTellTheNuclei()
    {
        var tissue = DrawnTissue.Draw(500, 400, new Mpp(0.25), 1);
        Assert.True(tissue.Nuclei.Count > 30, $"{tissue.Nuclei.Count} nuclei");
        for (var n = 0; n < tissue.Nuclei.Count; n++)
        {
            Assert.Equal(tissue.Nuclei[n].Area, tissue.Labels.Labels.Count(l => l == n + 1));
        }

        // Nuclei are darker in red than what is around them: the haematoxylin is theirs.
        double inside = 0, outside = 0;
        for (var i = 0; i < tissue.Labels.Labels.Length; i++)
        {
            var red = tissue.Image.Pixels[i * 3];
            (inside, outside) = tissue.Labels.Labels[i] > 0 ? (inside + red, outside) : (inside, outside + red);
        }

        var count = tissue.Labels.Labels.Count(l => l > 0);
        Assert.True((inside / count) + 40 < outside / (tissue.Labels.Labels.Length - count));

        // The corners are glass.
        Assert.All(tissue.Image.Span[..3].ToArray(), v => Assert.InRange(v, 235, 255));
    }

    [Fact]
    public void EndlessTissueMeetsItself()
    {
        var tissue = DrawnTissue.Draw(256, 256, new Mpp(0.5), 2, endless: true);
        double seam = 0, elsewhere = 0;
        for (var y = 0; y < 256; y++)
        {
            var row = tissue.Image.Row(y);
            seam += Math.Abs(row[1] - row[(255 * 3) + 1]);
            elsewhere += Math.Abs(row[(100 * 3) + 1] - row[(101 * 3) + 1]);
        }

        Assert.True(seam < 2 * elsewhere, $"seam {seam}, elsewhere {elsewhere}");
    }

    [Theory]
    [InlineData(nameof(SyntheticFormat.Svs), false, "Aperio SVS")]
    [InlineData(nameof(SyntheticFormat.Svs), true, "Aperio SVS")]
    [InlineData(nameof(SyntheticFormat.OmeTiff), true, "OME-TIFF")]
    public void WritesAPyramidWithKnownNuclei(string format, bool big, string expected)
    {
        var path = _folder.File("slide.tif");
        var options = new SyntheticSlideOptions
        {
            Size = new PixelSize(2600, 2100),
            Format = Enum.Parse<SyntheticFormat>(format),
            BigTiff = big,
            Pieces = 2,
            TissueFraction = 0.4,
        };
        var contents = SyntheticSlide.Write(path, options);
        Assert.False(File.Exists(path + ".partial"));
        using var slide = Slide.Open(path);
        Assert.Equal(expected, slide.Format);
        Assert.Equal([new(2600, 2100), new(650, 525), new PixelSize(162, 131)], slide.Levels.Select(l => l.Size));
        Assert.Equal([1, 4, 16], slide.Levels.Select(l => l.Downsample));
        Assert.Equal(0.25, slide.Calibration!.Mpp.MicronsPerPixel);
        Assert.InRange(contents.TissueTiles / (11.0 * 9), 0.35, 0.45);

        // Every nucleus is where it is said to be: dark in red at its centre.
        var all = TestPicture.ReadLevel(slide);
        var nuclei = contents.Nuclei.ToList();
        Assert.True(nuclei.Count > 200, $"{nuclei.Count} nuclei");
        var dark = nuclei.Count(n => all.Row((int)n.Y)[(int)n.X * 3] < 215);
        Assert.True(dark > 0.97 * nuclei.Count, $"{dark} of {nuclei.Count} are dark");

        // Levels show the same.
        var quarter = new SlideSampler(slide, new Mpp(0.25), new Mpp(1));
        var small = TestPicture.ReadLevel(slide, 1);
        Assert.Equal((1, 1), (quarter.Level, quarter.Reduction));
        var mean = new RgbImage(small.Width, small.Height);
        for (var i = 0; i < mean.Span.Length; i++)
        {
            var (c, x, y) = (i % 3, i / 3 % mean.Width * 4, i / 3 / mean.Width * 4);
            var sum = 0;
            for (var k = 0; k < 16; k++)
            {
                sum += all.Row(y + (k / 4))[((x + (k % 4)) * 3) + c];
            }

            mean.Span[i] = (byte)(sum / 16);
        }

        TestPicture.AssertClose(mean, small, 3);
    }

    [Fact]
    public void SharedAndRepeatedTilesReadTheSame()
    {
        var options = new SyntheticSlideOptions { Size = new PixelSize(3000, 2000), Pieces = 2, TissueFraction = 0.5 };
        SyntheticSlide.Write(_folder.File("a.svs"), options);
        SyntheticSlide.Write(_folder.File("b.svs"), options with { ShareTiles = false, BigTiff = true });
        Assert.True(new FileInfo(_folder.File("a.svs")).Length < new FileInfo(_folder.File("b.svs")).Length);
        using var a = Slide.Open(_folder.File("a.svs"));
        using var b = Slide.Open(_folder.File("b.svs"));
        for (var level = 0; level < 3; level++)
        {
            TestPicture.AssertSame(TestPicture.ReadLevel(a, level), TestPicture.ReadLevel(b, level));
        }
    }

    [Fact]
    public void RealPicturesMeetWithoutASeam()
    {
        Directory.CreateDirectory(_folder.File("tiles"));
        RgbImageFile.WritePng(_folder.File("tiles/a.png"), TestPicture.Make(300, 280));
        SyntheticSlide.Write(
            _folder.File("a.svs"),
            new SyntheticSlideOptions
            {
                Size = new PixelSize(1024, 1024),
                RealTiles = _folder.File("tiles"),
                Pieces = 1,
                TissueFraction = 1,
            });
        using var slide = Slide.Open(_folder.File("a.svs"));
        var image = TestPicture.ReadLevel(slide);
        for (var x = 0; x < 512; x++)
        {
            Assert.Equal(image.Row(100)[x * 3], image.Row(100)[(x + 512) * 3]);
        }
    }

    [Fact]
    public void OffsetsBeyondFourGigabytesAreRead()
    {
        var path = _folder.File("big.tif");
        var picture = TestPicture.Make(300, 200);
        using (var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite))
        {
            // The file has a hole in the middle, so that it takes no space on disk.
            var writer = new PyramidTiffWriter(file, big: true);
            var page = writer.BeginPage(picture.Size, picture.Size with { Width = 304, Height = 208 }, null, tiled: true, reduced: false);
            file.Position = 5L << 30;
            page.Put(0, writer.WriteTile(TestPicture.Jpeg(TestPicture.Crop(picture, new PixelRect(0, 0, 304, 208)), 95)));
            writer.Finish(nested: false);
        }

        using var slide = Slide.Open(path);
        TestPicture.AssertClose(picture, TestPicture.ReadLevel(slide), 8);
    }

    public void Dispose() => _folder.Dispose();
}
