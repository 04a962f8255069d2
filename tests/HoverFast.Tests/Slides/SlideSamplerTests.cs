using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Slides;

public sealed class SlideSamplerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData(0.25, 0.5, 2)]
    [InlineData(0.2525, 0.5, 2)]
    [InlineData(0.4990, 0.5, 1)]
    [InlineData(0.2208, 0.5, 0.5 / 0.2208)]
    [InlineData(0.5, 0.5, 1)]
    [InlineData(1.0, 0.5, 0.5)]
    [InlineData(0.125, 0.5, 4)]
    public void ScaleIsWholeWhereTheSlideAllowsIt(double slide, double working, double scale)
    {
        var grid = new WorkingGrid(new PixelSize(1001, 999), new Mpp(slide), new Mpp(working));
        Assert.Equal(scale, grid.Scale, 9);
        Assert.Equal((int)Math.Ceiling(1001 / scale), grid.Size.Width);
        Assert.Equal((7 * scale, 9 * scale), grid.ToFullResolution(7, 9));
        Assert.Equal(slide * scale, grid.Mpp.MicronsPerPixel, 9);
    }

    [Theory]
    [InlineData(0.12)]
    [InlineData(0.125)]
    [InlineData(0.2208)]
    [InlineData(0.25)]
    [InlineData(0.31)]
    [InlineData(0.5)]
    [InlineData(0.7)]
    [InlineData(1.0)]
    public void PixelsDontDependOnTheRectangle(double mpp)
    {
        using var slide = Pyramid(true);
        var sampler = new SlideSampler(slide, new Mpp(mpp), new Mpp(0.5));
        var plain = new SlideSampler(slide, new Mpp(mpp), new Mpp(0.5)) { Vectors = false };
        var whole = sampler.Grid.Whole.Grow(9);
        var all = sampler.Read(whole);
        TestPicture.AssertSame(all, plain.Read(whole));
        var random = new Random(7);
        for (var n = 0; n < 40; n++)
        {
            var x = random.Next(whole.X, whole.Right);
            var y = random.Next(whole.Y, whole.Bottom);
            var rect = new WorkingRect(x, y, random.Next(1, whole.Right - x + 1), random.Next(1, whole.Bottom - y + 1));
            var expected = TestPicture.Crop(all, new PixelRect(rect.X - whole.X, rect.Y - whole.Y, rect.Width, rect.Height));
            TestPicture.AssertSame(expected, sampler.Read(rect));
            TestPicture.AssertSame(expected, plain.Read(rect));
        }
    }

    [Theory]
    [InlineData(0.125)]
    [InlineData(0.16)]
    [InlineData(0.2208)]
    [InlineData(0.25)]
    [InlineData(0.4)]
    public void PixelsAreMeansOverTheirArea(double mpp)
    {
        var picture = TestPicture.Make(301, 203);
        RgbImageFile.WritePng(_folder.File("a.png"), picture);
        using var slide = Slide.Open(_folder.File("a.png"));
        var sampler = new SlideSampler(slide, new Mpp(mpp), new Mpp(0.5));
        var read = sampler.Read(sampler.Grid.Whole);
        var scale = sampler.Grid.Scale;
        for (var j = 0; j < read.Height; j += 3)
        {
            for (var i = 0; i < read.Width; i += 3)
            {
                for (var c = 0; c < 3; c++)
                {
                    Assert.Equal(MeanOver(picture, i * scale, j * scale, scale, c), read.Row(j)[(i * 3) + c], 0.6);
                }
            }
        }
    }

    [Fact]
    public void EnlargingPutsCentresOnCentres()
    {
        var picture = TestPicture.Make(60, 50);
        RgbImageFile.WritePng(_folder.File("a.png"), picture);
        using var slide = Slide.Open(_folder.File("a.png"));
        var sampler = new SlideSampler(slide, new Mpp(1.5), new Mpp(0.5));
        Assert.Equal(new PixelSize(180, 150), sampler.Grid.Size);
        var read = sampler.Read(sampler.Grid.Whole);
        for (var y = 0; y < 50; y++)
        {
            for (var x = 0; x < 60; x++)
            {
                Assert.Equal(picture.Row(y)[x * 3], read.Row((y * 3) + 1)[((x * 3) + 1) * 3]);
            }
        }

        // The border is the picture's, not a fade to white.
        Assert.Equal(picture.Row(0)[0], read.Row(0)[0]);
    }

    [Theory]
    [InlineData(0.5, 0, 1)]
    [InlineData(0.25, 1, 1)]
    [InlineData(0.125, 1, 2)]
    [InlineData(0.0625, 2, 1)]
    [InlineData(0.2208, 1, 1)]
    public void TakesTheCoarsestSourceThatIsFineEnough(double mpp, int level, int reduction)
    {
        using var slide = Pyramid(false);
        var sampler = new SlideSampler(slide, new Mpp(mpp), new Mpp(0.5));
        Assert.Equal((level, reduction), (sampler.Level, sampler.Reduction));
    }

    [Fact]
    public void LevelsShowTheSamePlace()
    {
        // A pyramid's levels and the decoder's shrinking must not shift the picture: compare with the full resolution averaged.
        var picture = TestPicture.Make(512, 512);
        var full = new TestTiff();
        full.Add(picture);
        using var reference = Open(full);
        var expectedSampler = new SlideSampler(reference, new Mpp(0.0625), new Mpp(0.5));
        var expected = expectedSampler.Read(expectedSampler.Grid.Whole);
        var jpeg = new TestTiff();
        jpeg.Add(picture, 7, photometric: 6);
        using var shrunk = Open(jpeg);
        var sampler = new SlideSampler(shrunk, new Mpp(0.0625), new Mpp(0.5));
        Assert.Equal(8, sampler.Reduction);
        TestPicture.AssertClose(expected, sampler.Read(sampler.Grid.Whole), 2);
    }

    [Fact]
    public void EachStoredTileIsDecodedAboutOnce()
    {
        using var slide = new CountingSlide(Pyramid(true));
        var sampler = new SlideSampler(slide, new Mpp(0.2208), new Mpp(0.5));
        sampler.Read(sampler.Grid.Whole);
        Assert.InRange(slide.PixelsRead, 1, 1.3 * slide.Levels[sampler.Level].Size.Area);
    }

    public void Dispose() => _folder.Dispose();

    private static double MeanOver(RgbImage picture, double left, double top, double side, int channel)
    {
        double sum = 0;
        for (var y = (int)Math.Floor(top); y < top + side; y++)
        {
            for (var x = (int)Math.Floor(left); x < left + side; x++)
            {
                var area = (Math.Min(x + 1, left + side) - Math.Max(x, left)) * (Math.Min(y + 1, top + side) - Math.Max(y, top));
                var inside = x < picture.Width && y < picture.Height;
                sum += area * (inside ? picture.Row(y)[(x * 3) + channel] : 255);
            }
        }

        return sum / (side * side);
    }

    private ISlide Pyramid(bool lossless)
    {
        var tiff = new TestTiff();
        var compression = lossless ? 8 : 7;
        var photometric = lossless ? 2 : 6;
        tiff.Add(TestPicture.Make(403, 301), compression, photometric: photometric);
        tiff.Add(TestPicture.Make(201, 150), compression, photometric: photometric);
        tiff.Add(TestPicture.Make(50, 37), compression, photometric: photometric);
        return Open(tiff);
    }

    private ISlide Open(TestTiff tiff) => Slide.Open(_folder.Write($"{Guid.NewGuid():N}.tif", tiff.ToBytes()));

    private sealed class CountingSlide(ISlide inner) : ISlide
    {
        public long PixelsRead { get; private set; }

        public string Path => inner.Path;

        public string Format => inner.Format;

        public IReadOnlyList<SlideLevel> Levels => inner.Levels;

        public SlideCalibration? Calibration => inner.Calibration;

        public PixelRect Bounds => inner.Bounds;

        public IReadOnlyList<int> ReductionsOf(int level) => inner.ReductionsOf(level);

        public void Read(int level, int reduction, PixelRect region, RgbImage destination)
        {
            PixelsRead += (long)region.Width * region.Height;
            inner.Read(level, reduction, region, destination);
        }

        public void Dispose() => inner.Dispose();
    }
}
