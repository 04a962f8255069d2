using HoverFast.Review.Fields;
using HoverFast.Slides;
using HoverFast.Tissue;
using Xunit;

namespace HoverFast.Review.Tests;

public sealed class FieldDrawTests
{
    [Fact]
    public void CellsShareNoPointAndLeaveNoneOut()
    {
        var tissue = TissueMask.Everything(new PixelSize(1000, 700), new Mpp(0.5), "all");
        var cells = CellGrid.Of("s", tissue, new PixelRect(0, 0, 1000, 700), new Mpp(0.5), 60, new Random(3)).ToList();

        Assert.Equal(700_000, cells.Sum(c => c.Width * c.Height));
        Assert.Equal(700_000 * 0.25, cells.Sum(c => c.Tissue), 3);
        for (var i = 0; i < cells.Count; i++)
        {
            Assert.DoesNotContain(cells.Skip(i + 1), b => cells[i].X < b.X + b.Width && b.X < cells[i].X + cells[i].Width && cells[i].Y < b.Y + b.Height
                && b.Y < cells[i].Y + cells[i].Height);
        }
    }

    [Fact]
    public void TissueIsToldFromTheCornerOfTheBounds()
    {
        var cells = new bool[100];
        cells[55] = true;
        var tissue = new TissueMask(10, 10, cells, 50, 50, "one cell");

        // The cell holds 250 to 300 um; bounds begin at 200 um: 50 to 100 um of them, 100 to 200 pixels.
        var drawn = CellGrid.Of("s", tissue, new PixelRect(400, 400, 500, 500), new Mpp(0.5), 100, new Random(1)).ToList();

        Assert.Equal(2500, drawn.Sum(c => c.Tissue), 3);
        Assert.All(drawn, c => Assert.True(c.X < 200 && c.X + c.Width > 100 && c.Y < 200 && c.Y + c.Height > 100));
    }

    [Fact]
    public void EachCellIsDrawnAsOftenAsItsChanceSays()
    {
        Cell[] cells = [.. Enumerable.Range(1, 20).Select(i => new Cell("s", i, 0, 1, 1, i < 20 ? i : 100))];
        var drawn = new int[cells.Length];
        var chance = new double[cells.Length];
        const int draws = 20_000;
        for (var seed = 0; seed < draws; seed++)
        {
            var fields = FieldDraw.Draw(cells, 6, new Random(seed));
            Assert.Equal(6, fields.Count);
            Assert.Equal(6, fields.Select(f => f.Cell).Distinct().Count());
            foreach (var (cell, inclusion) in fields)
            {
                drawn[cell.X - 1]++;
                chance[cell.X - 1] = inclusion;
            }
        }

        // The largest is sure to be drawn, and the rest share five draws by their tissue.
        Assert.Equal(1, chance[19]);
        Assert.Equal(draws, drawn[19]);
        for (var i = 0; i < 19; i++)
        {
            Assert.Equal(5.0 * (i + 1) / 190, chance[i], 9);
            Assert.InRange(drawn[i] / (double)draws, chance[i] - 0.012, chance[i] + 0.012);
        }
    }

    [Fact]
    public void WhereThereAreNoMoreAllAreDrawnForCertain()
    {
        var fields = FieldDraw.Draw([new("s", 0, 0, 1, 1, 3), new("s", 1, 0, 1, 1, 1)], 5, new Random(1));

        Assert.Equal(2, fields.Count);
        Assert.All(fields, f => Assert.Equal(1, f.Inclusion));
    }
}
