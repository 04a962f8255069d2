using HoverFast.Slides;
using HoverFast.Tiles;
using HoverFast.Tissue;
using Xunit;

namespace HoverFast.Tests.Tiles;

public sealed class TileGridTests
{
    private static readonly Mpp _half = new(0.5);

    public static TheoryData<int, int, int, int, int, int> Grids => new()
    {
        { 1, 1, 256, 32, 16, 0 },
        { 1000, 700, 512, 64, 32, 0 },
        { 1000, 700, 512, 64, 32, 37 },
        { 5000, 3000, 1024, 90, 16, 0 },
        { 5000, 3000, 1024, 90, 16, 511 },
        { 12345, 101, 2048, 100, 8, -77 },
    };

    [Theory]
    [MemberData(nameof(Grids))]
    public void OwnsEveryPointOnce(int width, int height, int size, int halo, int stride, int shift)
    {
        var area = new WorkingRect(0, 0, width, height);
        var grid = new TileGrid(area, size, halo, stride, new PixelSize(shift, shift / 2));
        var tiles = grid.Tiles(Everywhere(width, height), _half);
        Assert.All(tiles, t =>
        {
            Assert.Equal(0, PositiveModulo(t.Input.X, stride) + PositiveModulo(t.Input.Y, stride));
            Assert.Equal(0, (t.Input.Width % stride) + (t.Input.Height % stride));
            Assert.InRange(t.Input.Width, 1, size);
            Assert.InRange(t.Input.Height, 1, size);
            Assert.True(grid.Halo >= halo);
        });

        var random = new Random(7);
        for (var i = 0; i < 2000; i++)
        {
            // Points on tile borders too, and a little outside the slide: outlines at the border have their centroid there.
            var x = i % 3 == 0 ? tiles[random.Next(tiles.Count)].Core.X : (random.NextDouble() * (width + 2)) - 1;
            var y = i % 4 == 0 ? tiles[random.Next(tiles.Count)].Core.Y : (random.NextDouble() * (height + 2)) - 1;
            Assert.Equal(1, tiles.Count(t => t.Ownership.Contains(x, y)));
        }
    }

    [Fact]
    public void SkipsTilesWithoutTissueAndKeepsOrder()
    {
        var cells = new bool[100];
        cells[55] = true;
        cells[57] = true;
        var mask = new TissueMask(10, 10, cells, 100, 100, "drawn");
        var tiles = new TileGrid(new WorkingRect(0, 0, 2000, 2000), 264, 32, 8).Tiles(mask, _half);
        Assert.InRange(tiles.Count, 2, 8);
        Assert.Equal(Enumerable.Range(0, tiles.Count), tiles.Select(t => t.Index));
        Assert.Equal(tiles.OrderBy(t => t.Core.Y).ThenBy(t => t.Core.X), tiles);
    }

    [Fact]
    public void RefusesATileThatIsAllHalo() =>
        Assert.Throws<ArgumentException>(() => new TileGrid(new WorkingRect(0, 0, 10, 10), 256, 128, 16));

    private static TissueMask Everywhere(int width, int height) => TissueMask.Everything(new PixelSize(width, height), _half, "all");

    private static int PositiveModulo(int value, int divisor) => ((value % divisor) + divisor) % divisor;
}
