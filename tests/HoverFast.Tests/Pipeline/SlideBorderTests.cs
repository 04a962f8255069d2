using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Pipeline;

public sealed class SlideBorderTests
{
    private static readonly PixelSize _grid = new(50, 40);

    [Theory]
    [InlineData(-16, -16, 64, 64)]
    [InlineData(-16, -16, 112, 96)]
    [InlineData(20, 12, 48, 48)]
    public void FillsTheOutsideWithTheMirrorImageOfTheGrid(int x, int y, int width, int height)
    {
        var rect = new WorkingRect(x, y, width, height);
        var picture = Picture(rect);

        SlideBorder.Mirror(picture, rect, _grid);

        for (var py = Math.Max(0, -y - 16); py < Math.Min(height, 40 - y + 16); py++)
        {
            for (var px = Math.Max(0, -x - 16); px < Math.Min(width, 50 - x + 16); px++)
            {
                Assert.Equal(Value(Mirrored(x + px, 50), Mirrored(y + py, 40)), picture.Row(py)[px * 3]);
            }
        }
    }

    [Fact]
    public void LeavesTilesInsideAlone()
    {
        var rect = new WorkingRect(3, 4, 32, 32);
        var picture = Picture(rect);
        var before = picture.Span.ToArray();

        SlideBorder.Mirror(picture, rect, _grid);

        Assert.Equal(before, picture.Span.ToArray());
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(1, 4)]
    public void ClearsTheProbabilityOutsideOnly(int outputStride, int margin)
    {
        var rect = new WorkingRect(-16, -16, 96, 96);
        var side = (96 - (2 * margin)) / outputStride;
        var maps = new NucleusMaps(side, side);
        maps.Probability.AsSpan().Fill(200);

        SlideBorder.Clear(maps, rect, _grid, margin, outputStride);

        for (var i = 0; i < side * side; i++)
        {
            var (gx, gy) = (rect.X + margin + (i % side * outputStride), rect.Y + margin + (i / side * outputStride));
            Assert.Equal(gx >= 0 && gy >= 0 && gx < 50 && gy < 40 ? 200 : 0, maps.Probability[i]);
        }
    }

    private static RgbImage Picture(WorkingRect rect)
    {
        var picture = new RgbImage(rect.Width, rect.Height);
        picture.Span.Fill(255);
        for (var y = Math.Max(0, rect.Y); y < Math.Min(_grid.Height, rect.Bottom); y++)
        {
            for (var x = Math.Max(0, rect.X); x < Math.Min(_grid.Width, rect.Right); x++)
            {
                picture.Row(y - rect.Y)[(x - rect.X) * 3] = Value(x, y);
            }
        }

        return picture;
    }

    private static byte Value(int x, int y) => (byte)((x * 7) + (y * 13));

    private static int Mirrored(int i, int n) => i < 0 ? -1 - i : i >= n ? (2 * n) - 1 - i : i;
}
