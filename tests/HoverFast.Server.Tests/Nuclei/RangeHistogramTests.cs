using HoverFast.Server.Nuclei;
using Xunit;

namespace HoverFast.Server.Tests.Nuclei;

/// <summary>Histograms hold every value, in bins whose edges are told, whatever the order of the values.</summary>
public sealed class RangeHistogramTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(50_000)]
    public void BinsCountTheValuesBetweenTheirEdges(int count)
    {
        var random = new Random(1);
        var values = Enumerable.Range(0, count).Select(i => (i < count / 2 ? 0.2 : 40) + (random.NextDouble() * random.NextDouble() * 30)).ToList();
        var histogram = new RangeHistogram();
        values.ForEach(histogram.Add);
        var (low, high, bins) = histogram.Shown();
        Assert.Equal(count, bins.Sum());
        var expected = new long[RangeHistogram.Bins];
        values.ForEach(v => expected[RangeHistogram.BinOf(v, low, high)]++);

        // Edges are rounded: a value within a hair of one may be on either side.
        Assert.True(expected.Zip(bins, (a, b) => Math.Abs(a - b)).Sum() <= count / 1000);
        Assert.InRange(low, values.Min() - ((high - low) * 0.02), values.Order().ElementAt(count / 100));
        Assert.True(high >= values.Order().ElementAt((int)(count * 0.99)));
    }

    /// <summary>One nucleus of a thousand times the usual size leaves the others their bins.</summary>
    [Fact]
    public void AnOutlierDoesNotSqueezeTheRest()
    {
        var histogram = new RangeHistogram();
        var random = new Random(2);
        for (var i = 0; i < 20_000; i++)
        {
            histogram.Add(i == 12_000 ? 5000 : 20 + (random.NextDouble() * 100));
        }

        var (low, high, bins) = histogram.Shown();
        Assert.InRange(high - low, 90, 400);
        Assert.Equal(20_000, bins.Sum());
        Assert.Equal(1, bins[^1]);
    }

    [Fact]
    public void EqualValuesNegativeOnesAndNoneHaveARange()
    {
        var none = new RangeHistogram().Shown();
        Assert.True(none.High > none.Low && none.Bins.Sum() == 0);
        var equal = new RangeHistogram();
        for (var i = 0; i < 5000; i++)
        {
            equal.Add(-3);
            equal.Add(double.NaN);
            equal.Add(double.PositiveInfinity);
        }

        var (low, high, bins) = equal.Shown();
        Assert.True(low <= -3 && high > -3 && bins.Sum() == 5000);
    }
}
