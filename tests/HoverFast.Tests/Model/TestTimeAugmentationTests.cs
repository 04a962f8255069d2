using HoverFast.Model;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Model;

public sealed class TestTimeAugmentationTests
{
    /// <summary>A turned picture is asked about in the same eight views, so that its answer is the answer, turned, to the last bit.</summary>
    [Fact]
    public void EightViewsKnowNoDirection()
    {
        using var model = NucleusModel.LoadBuiltIn();
        var picture = Picture(model.Card.Stride * 7, model.Card.Stride * 5);
        var expected = model.Run(picture, 8);
        Assert.True(expected.Horizontal.Distinct().Count() > 20);
        foreach (var view in TestTimeAugmentation.First(8))
        {
            var actual = view.Invert(model.Run(view.Apply(picture), 8));
            Assert.Equal(expected.Probability, actual.Probability);
            Assert.Equal(expected.Horizontal, actual.Horizontal);
            Assert.Equal(expected.Vertical, actual.Vertical);
        }
    }

    [Fact]
    public void TwoViewsAreThePictureAndItsMirrorImage()
    {
        using var model = NucleusModel.LoadBuiltIn();
        var picture = Picture(64, 48);
        var mirrored = new RgbImage(64, 48);
        for (var i = 0; i < 64 * 48; i++)
        {
            picture.Pixels.AsSpan(3 * i, 3).CopyTo(mirrored.Pixels.AsSpan(3 * ((i / 64 * 64) + 63 - (i % 64))));
        }

        var (plain, other, both) = (model.Run(picture), model.Run(mirrored), model.Run(picture, 2));
        for (var i = 0; i < 64 * 48; i++)
        {
            var m = (i / 64 * 64) + 63 - (i % 64);
            Assert.Equal(Mean(plain.Probability[i], other.Probability[m]), both.Probability[i]);
            Assert.Equal(Mean(plain.Horizontal[i], -other.Horizontal[m]), both.Horizontal[i]);
            Assert.Equal(Mean(plain.Vertical[i], other.Vertical[m]), both.Vertical[i]);
        }

        static double Mean(int a, int b) => Math.Round((a + b) / 2.0, MidpointRounding.AwayFromZero);
    }

    [Fact]
    public void MeansAreRoundedAwayFromZeroAndTypesStay()
    {
        var sums = new MapSums(2, 1);
        sums.Add(new NucleusMaps(2, 1, [7, 7], [7, 7], [7, 7]));
        sums.Clear();
        sums.Add(new NucleusMaps(2, 1, [10, 20], [1, -1], [0, 0]));
        sums.Add(new NucleusMaps(2, 1, [11, 20], [2, -2], [0, 0]));
        var mean = new NucleusMaps(2, 1, types: [3, 4]);
        sums.Mean(mean);
        Assert.Equal([11, 20], mean.Probability);
        Assert.Equal([2, -2], mean.Horizontal);
        Assert.Equal([3, 4], mean.Types!);
        Assert.Throws<ArgumentException>(() => sums.Add(new NucleusMaps(1, 2)));
    }

    /// <summary>Pictures of several sizes in turn, on several threads: memory that is used again carries nothing over.</summary>
    [Fact]
    public void TheSameForAnyOrderOfPictures()
    {
        using var model = NucleusModel.LoadBuiltIn();
        var pictures = Enumerable.Range(3, 4).Select(i => Picture(model.Card.Stride * i, model.Card.Stride * (9 - i))).ToList();
        var expected = pictures.ConvertAll(p => model.Run(p, 8));
        Parallel.For(0, 24, i =>
        {
            var maps = model.Run(pictures[i % 4], 8);
            var count = maps.Width * maps.Height;
            Assert.Equal(expected[i % 4].Probability.AsSpan(0, count), maps.Probability.AsSpan(0, count));
            Assert.Equal(expected[i % 4].Horizontal.AsSpan(0, count), maps.Horizontal.AsSpan(0, count));
            Assert.Equal(expected[i % 4].Vertical.AsSpan(0, count), maps.Vertical.AsSpan(0, count));
        });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void ThereAreEightViews(int views)
    {
        using var model = NucleusModel.LoadBuiltIn();
        Assert.Throws<ArgumentOutOfRangeException>(() => model.Run(Picture(32, 32), views));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SlideSegmenter(model, new HoverFast.Pipeline.SegmentSettings { Views = views }));
    }

    // Dark blobs on pink.
    private static RgbImage Picture(int width, int height)
    {
        var random = new Random(4);
        var image = new RgbImage(width, height);
        var blobs = Enumerable.Range(0, width * height / 150).Select(_ => (X: random.Next(width), Y: random.Next(height), R: random.Next(3, 7))).ToArray();
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var dark = Array.Exists(blobs, b => ((x - b.X) * (x - b.X)) + ((y - b.Y) * (y - b.Y)) < b.R * b.R);
                var at = ((y * width) + x) * 3;
                var noise = random.Next(-8, 9);
                (image.Pixels[at], image.Pixels[at + 1], image.Pixels[at + 2]) = dark
                    ? ((byte)(90 + noise), (byte)(60 + noise), (byte)(140 + noise))
                    : ((byte)(225 + noise), (byte)(165 + noise), (byte)(200 + noise));
            }
        }

        return image;
    }
}
