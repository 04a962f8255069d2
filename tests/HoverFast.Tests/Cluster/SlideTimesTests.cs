using HoverFast.Cluster.Slurm;
using Xunit;

namespace HoverFast.Tests.Cluster;

public sealed class SlideTimesTests
{
    [Fact]
    public void EachEndingHasALineOfItsOwn()
    {
        var times = new SlideTimes([("a.svs", 100_000_000, 12), ("b.svs", 300_000_000, 32), ("c.tif", 1_000_000_000, 20), ("d.tif", 3_000_000_000, 60)]);
        Assert.Equal(22, times.Of("x.SVS", 200_000_000), 6);
        Assert.Equal(40, times.Of("x.tif", 2_000_000_000), 6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5_000_000_000)]
    public void NothingMeasuredStillGivesAPositiveTime(long bytes) => Assert.InRange(new SlideTimes([]).Of("a.svs", bytes), 0.1, 1000);

    [Fact]
    public void LargerSlidesNeverTakeLess()
    {
        var times = new SlideTimes([("a.svs", 100, 9), ("b.svs", 200, 5)]);
        Assert.Equal(7, times.Of("c.svs", 0), 6);
        Assert.Equal(7, times.Of("c.svs", 10_000), 6);
    }

    [Fact]
    public void TheSampleHasSmallAndLargeOnesOfEachEnding()
    {
        (string, long)[] slides = [.. Enumerable.Range(0, 100).Select(i => ($"{i}.svs", (long)i)), ("a.tif", 7), ("b.tif", 8)];
        var sample = SlideTimes.Sample(slides, 4);
        Assert.Equal([12, 37, 62, 87, 100, 101], sample);
    }
}
