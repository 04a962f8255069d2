using System.Numerics;
using HoverFast.Labels;
using Xunit;

namespace HoverFast.Tests.Labels;

public sealed class LabelPainterTests
{
    [Fact]
    public void FillsExactlyThePixelsWhoseCentresLieInside()
    {
        var image = new LabelImage(6, 5);

        LabelPainter.Fill(image, [new(1, 1), new(4, 1), new(4, 3), new(1, 3)], 7);

        Assert.Equal(
            [
                0, 0, 0, 0, 0, 0,
                0, 7, 7, 7, 0, 0,
                0, 7, 7, 7, 0, 0,
                0, 0, 0, 0, 0, 0,
                0, 0, 0, 0, 0, 0,
            ],
            image.Labels);
    }

    [Fact]
    public void NeighboursShareNoPixelAndLeaveNone()
    {
        var image = new LabelImage(20, 20);

        LabelPainter.Fill(image, [new(0, 0), new(20, 0), new(0, 20)], 1);
        LabelPainter.Fill(image, [new(20, 0), new(20, 20), new(0, 20)], 2);

        Assert.DoesNotContain(0, image.Labels);
    }

    [Fact]
    public void CutsAtTheImageAndKeepsEarlierLabels()
    {
        var image = new LabelImage(4, 4);

        LabelPainter.Fill(image, [new(-5, -5), new(2, -5), new(2, 9), new(-5, 9)], 1);
        LabelPainter.Fill(image, [new(-5, -5), new(9, -5), new(9, 9), new(-5, 9)], 2);

        Assert.Equal(8, image.Labels.Count(l => l == 1));
        Assert.Equal(8, image.Labels.Count(l => l == 2));
    }

    [Fact]
    public void AreaAgreesWithTheOutlines()
    {
        var random = new Random(5);
        for (var n = 0; n < 50; n++)
        {
            var (x, y, r) = (30 + random.NextSingle(), 30 + random.NextSingle(), 8 + (15 * random.NextSingle()));
            var contour = Enumerable
                .Range(0, 64)
                .Select(i => new Vector2(x + (r * MathF.Cos(i * MathF.Tau / 64)), y + (r * MathF.Sin(i * MathF.Tau / 64))))
                .ToArray();
            var image = new LabelImage(64, 64);

            LabelPainter.Fill(image, contour, 1);

            Assert.InRange(image.Labels.Sum() / (Math.PI * r * r), 0.97, 1.02);
        }
    }
}
