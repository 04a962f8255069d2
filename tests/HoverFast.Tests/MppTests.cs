using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests;

public sealed class MppTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-0.25)]
    [InlineData(double.NaN)]
    [InlineData(25400)]
    public void RefusesWhatIsNoPixelSize(double value) => Assert.Throws<ArgumentOutOfRangeException>(() => new Mpp(value));

    [Fact]
    public void FortyTimesIsAQuarterMicron() => Assert.Equal(0.25, Mpp.FromMagnification(40).MicronsPerPixel);

    [Fact]
    public void CountsFinePixelsInACoarseOne() => Assert.Equal(2, new Mpp(0.25).PixelsIn(new Mpp(0.5)));
}
