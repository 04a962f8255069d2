using HoverFast.Model;
using HoverFast.Quality;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Quality;

public sealed class FieldGathererTests
{
    private static readonly Mpp _mpp = new(1);

    [Fact]
    public void PartsOfTilesAddUpToTheWhole()
    {
        var whole = new WorkingRect(0, 0, 600, 300);
        var (picture, maps) = Noise(whole, 5);
        var all = Sums([whole], picture, maps, whole);
        var parts = Sums([new WorkingRect(0, 0, 160, 300), new WorkingRect(160, 0, 440, 96), new WorkingRect(160, 96, 440, 204)], picture, maps, whole);
        Assert.Equal([(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1)], all.Select(f => (f.Column, f.Row)));
        Assert.Equal(all.Select(f => f.Values), parts.Select(f => f.Values));
        Assert.Equal(all.Select(f => f.Blocks), parts.Select(f => f.Blocks));

        // Blocks of 32 um hold what their field holds.
        foreach (var field in all)
        {
            var stained = Enumerable.Range(0, FieldSums.BlocksInField).Select(i => field.BlockAt(i)[(int)BlockNumber.Stained]).ToList();
            Assert.Equal(field[FieldNumber.Stained], stained.Sum());
            Assert.Equal(field is { Row: 0, Column: < 2 }, stained[^1] > 0);
        }
    }

    [Fact]
    public void NumbersAreThoseOfThePicture()
    {
        var rect = new WorkingRect(0, 0, 64, 64);
        var picture = new RgbImage(64, 64);
        for (var i = 0; i < picture.Span.Length; i += 3)
        {
            picture.Span[i] = 128;
            picture.Span[i + 1] = 64;
            picture.Span[i + 2] = 160;
        }

        var field = Assert.Single(Sums([rect], picture, new NucleusMaps(64, 64), rect));
        Assert.Equal(16 * 32, field[FieldNumber.Pixels]);
        Assert.Equal(16 * 32, field[FieldNumber.Stained]);
        Assert.Equal(-Math.Log10(64 / 255.0), (double)field[FieldNumber.Green] / FieldSums.One / field[FieldNumber.Stained], 4);
        Assert.Equal(0, field[FieldNumber.NearStep]);
        Assert.Equal(0, field[FieldNumber.Doubt]);
        Assert.Equal(0, field[FieldNumber.Ink]);
        Assert.Equal(0, field.BlockAt(0)[(int)BlockNumber.Grey]);
        Assert.Equal(8 * 16, field.BlockAt(0)[(int)BlockNumber.Pixels]);
        picture.Span.Fill(100);
        field = Assert.Single(Sums([rect], picture, new NucleusMaps(64, 64), rect));
        Assert.Equal([8 * 16, 8 * 16, 8 * 16, 8 * 16], new[] { 0, 1, 8, 9 }.Select(i => field.BlockAt(i)[(int)BlockNumber.Grey]));
        Assert.Equal(0, field.BlockAt(0)[(int)BlockNumber.Dust]);

        // Nearly black and of hardly any colour, and, on the right, nearly as dark and bluish.
        for (var i = 0; i < 64 * 64; i++)
        {
            ((byte[])[60, 64, i % 64 < 32 ? (byte)70 : (byte)80]).CopyTo(picture.Span[(3 * i)..]);
        }

        field = Assert.Single(Sums([rect], picture, new NucleusMaps(64, 64), rect));
        Assert.Equal([8 * 16, 0, 8 * 16, 0], new[] { 0, 1, 8, 9 }.Select(i => field.BlockAt(i)[(int)BlockNumber.Dust]));
    }

    private static List<FieldSums> Sums(WorkingRect[] parts, RgbImage picture, NucleusMaps maps, WorkingRect tile)
    {
        var gatherer = new FieldGatherer(_mpp);
        var sums = new Dictionary<(int, int), FieldSums>();
        foreach (var part in parts)
        {
            gatherer.AddPixels(part, picture, tile, maps, 1, 0, (x, _) => x < 590);
            foreach (var field in gatherer.Take())
            {
                if (!sums.TryAdd((field.Row, field.Column), field))
                {
                    sums[(field.Row, field.Column)].Add(field);
                }
            }
        }

        return [.. sums.OrderBy(s => s.Key).Select(s => s.Value)];
    }

    private static (RgbImage Picture, NucleusMaps Maps) Noise(WorkingRect rect, int seed)
    {
        var picture = new RgbImage(rect.Width, rect.Height);
        var maps = new NucleusMaps(rect.Width, rect.Height);
        var random = new Random(seed);
        random.NextBytes(picture.Span);
        random.NextBytes(maps.Probability);
        return (picture, maps);
    }
}
