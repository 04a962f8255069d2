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
    public void ShowsTheNetworkNoMoreThanTheTissueNeeds()
    {
        // Cells of 20 pixels; tissue from (180, 140) to (280, 160).
        var cells = new bool[2500];
        cells.AsSpan((7 * 50) + 9, 5).Fill(true);
        var mask = new TissueMask(50, 50, cells, 10, 10, "drawn");
        var grid = new TileGrid(new WorkingRect(0, 0, 1000, 1000), 264, 32, 8);
        var tiles = grid.Tiles(mask, _half);
        Assert.Equal(200, grid.CoreWidth);
        Assert.Equal([new WorkingRect(176, 136, 24, 24), new WorkingRect(200, 136, 80, 24)], tiles.Select(t => t.Core));
        Assert.All(tiles, t => Assert.Equal(t.Core.Grow(grid.Halo), t.Input));
        Assert.All(tiles, t => Assert.True(t.Ownership.Contains(t.Core.X, t.Core.Y) && t.Ownership.Contains(t.Core.Right - 1, t.Core.Bottom - 1)));
        Assert.All(grid.Tiles(mask, _half, whole: true), t => Assert.Equal(grid.InputSize, new PixelSize(t.Input.Width, t.Input.Height)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void TilesOfScatteredTissueOwnAllOfItOnceAndSpareGlass(int seed)
    {
        var random = new Random(seed);
        var cells = new bool[100 * 100];
        for (var blob = 0; blob < 12; blob++)
        {
            var (left, top, width, height) = (random.Next(100), random.Next(100), random.Next(1, 30), random.Next(1, 30));
            for (var y = top; y < Math.Min(100, top + height); y++)
            {
                cells.AsSpan((y * 100) + left, Math.Min(100 - left, width)).Fill(true);
            }
        }

        var mask = new TissueMask(100, 100, cells, 15, 15, "drawn");
        var grid = new TileGrid(new WorkingRect(0, 0, 3000, 3000), 1500, 64, 16, new PixelSize(50, 70));
        var tiles = grid.Tiles(mask, _half);
        Assert.Equal(Enumerable.Range(0, tiles.Count), tiles.Select(t => t.Index));
        for (var i = 0; i < 5000; i++)
        {
            double x = random.NextDouble() * 3000, y = random.NextDouble() * 3000;
            var owners = tiles.Where(t => t.Ownership.Contains(x, y)).ToList();
            Assert.InRange(owners.Count, 0, 1);
            if (mask.Contains(x / 2, y / 2))
            {
                var core = Assert.Single(owners).Core;
                Assert.True(x >= core.X && x < core.Right && y >= core.Y && y < core.Bottom);
            }
        }

        Assert.All(tiles, t => Assert.Equal(0, PositiveModulo(t.Core.X, 16) + PositiveModulo(t.Core.Y, 16) + (t.Core.Width % 16) + (t.Core.Height % 16)));
        Assert.True(Pixels(tiles) < Pixels(grid.Tiles(mask, _half, whole: true)));

        static long Pixels(IReadOnlyList<Tile> tiles) => tiles.Sum(t => (long)t.Input.Width * t.Input.Height);
    }

    [Fact]
    public void RefusesATileThatIsAllHalo() =>
        Assert.Throws<ArgumentException>(() => new TileGrid(new WorkingRect(0, 0, 10, 10), 256, 128, 16));

    private static TissueMask Everywhere(int width, int height) => TissueMask.Everything(new PixelSize(width, height), _half, "all");

    private static int PositiveModulo(int value, int divisor) => ((value % divisor) + divisor) % divisor;
}
