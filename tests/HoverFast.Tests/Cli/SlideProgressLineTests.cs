using HoverFast.Cli.Screens;
using HoverFast.Pipeline;
using Xunit;

namespace HoverFast.Tests.Cli;

public sealed class SlideProgressLineTests
{
    /// <summary>Tiles of an earlier run say nothing of how fast this one is, and whole days count too.</summary>
    [Theory]
    [InlineData(20, 100, 10, 5, "a.svs: tile 20 of 100 (20 %), 2.0 tiles/s, 7 nuclei, 0:00:40 left")]
    [InlineData(11, 41, 10, 3600, "a.svs: tile 11 of 41 (27 %), 0.0 tiles/s, 7 nuclei, 30:00:00 left")]
    [InlineData(10, 41, 10, 5, "a.svs: tile 10 of 41 (24 %), 0.0 tiles/s, 7 nuclei")]
    public void TheLineTellsRateAndTimeLeft(int done, int count, int resumed, int seconds, string line) =>
        Assert.Equal(line, SlideProgressLine.Describe("a.svs", new SlideProgress(done, count, resumed, 7), TimeSpan.FromSeconds(seconds)));
}
