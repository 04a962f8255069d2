using System.Globalization;
using HoverFast.Server.Nuclei;
using Xunit;

namespace HoverFast.Server.Tests.Nuclei;

/// <summary>The area of regions drawn by hand is that of where nuclei are counted, though they cross themselves.</summary>
public sealed class RegionAreaTests
{
    [Theory]
    [InlineData(100 * 50, "0,0 100,0 100,50 0,50")]
    [InlineData(100 * 50, "0,0 0,50 100,50 100,0 0,0")]
    [InlineData((2500 * 900) + (1200 * 1700), "0,0 2500,0 2500,900 1200,900 1200,2600 0,2600")]
    // An eight, lying and standing, and one of unlike halves.
    [InlineData(100 * 50 / 2, "0,0 100,50 100,0 0,50")]
    [InlineData(100 * 50 / 2, "0,0 100,0 0,50 100,50")]
    [InlineData((30 * 30 / 2) + (10 * 10 / 2), "0,0 30,0 30,-10 30,0 0,30 0,40 10,40 0,30", 1e-3)]
    // A box with a loop at its end, inside, where it takes away, and a turn twice around, which is outside by the even-odd rule.
    [InlineData((100 * 100) - (20 * 20), "0,0 100,0 100,100 0,100 0,0 20,20 40,20 40,40 20,40 20,20")]
    [InlineData(0, "0,0 10,0 10,10 0,10 0,0 10,0 10,10 0,10")]
    [InlineData(0, "0,0 10,0 20,0")]
    public void CrossingsTakeNothingAway(double area, string corners, double tolerance = 1e-6)
    {
        double[][] polygon = [.. corners.Split(' ').Select(c => c.Split(',').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray())];
        Assert.Equal(area, RegionArea.Of(polygon, TestContext.Current.CancellationToken), tolerance);
    }

    /// <summary>Of a scribble, as good as what points at random say.</summary>
    [Fact]
    public void AScribbleHasTheAreaThatItsPointsHave()
    {
        var random = new Random(1);
        double[][] polygon = [.. Enumerable.Range(0, 60).Select(_ => new[] { random.NextDouble() * 100, random.NextDouble() * 100 })];
        const int Points = 100_000;
        var inside = Enumerable.Range(0, Points).Count(_ => IsInside(random.NextDouble() * 100, random.NextDouble() * 100));
        Assert.Equal(10_000.0 * inside / Points, RegionArea.Of(polygon, TestContext.Current.CancellationToken), 80.0);

        bool IsInside(double x, double y) =>
            polygon.Select((a, i) => (A: a, B: polygon[(i + 1) % polygon.Length]))
                .Count(e => e.A[1] > y != e.B[1] > y && x < ((e.B[0] - e.A[0]) * (y - e.A[1]) / (e.B[1] - e.A[1])) + e.A[0]) % 2 == 1;
    }
}
