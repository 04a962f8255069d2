using HoverFast.Model;
using HoverFast.Pipeline;
using Xunit;

namespace HoverFast.Tests.Pipeline;

public sealed class MemoryPlanTests
{
    private const long Gigabyte = 1L << 30;

    // The cards' numbers; what was measured: docs/performance.md and the README's first table.
    private static readonly ModelCard _student = new() { Name = "s", Kind = "student", Mpp = 0.36, Parameters = 807_436, MultiplyAddsPerPixel = 37_568 };
    private static readonly ModelCard _hoverFast = new() { Name = "h", Kind = "imported", Mpp = 0.25, Parameters = 940_000, MultiplyAddsPerPixel = 246_000 };

    [Fact]
    public void WhatWasMeasuredIsEstimatedWithinAFactorOfTwo()
    {
        Assert.InRange(MemoryPlan.For(_student, true, 2048, 2, Gigabyte).Expected >> 20, 280 / 2, 280 * 2);
        Assert.InRange(MemoryPlan.For(_hoverFast, false, 1024, 2, Gigabyte).Expected >> 20, 1902 / 2, 1902 * 2);
    }

    /// <summary>Two views, or maps that are kept, take whole tiles; else a band of each is in memory.</summary>
    [Fact]
    public void ManyThreadsTakeABandEach()
    {
        var inBands = MemoryPlan.For(_student, true, 2048, 32, 8 * Gigabyte).Expected;
        Assert.InRange(inBands >> 20, 1043 / 1.5, 1043 * 1.5);
        Assert.True(MemoryPlan.For(_student, true, 2048, 32, 8 * Gigabyte, wholeTiles: true).Expected > 1.5 * inBands);
        using var model = NucleusModel.LoadBuiltIn();
        var settings = new SegmentSettings { Threads = 32 };
        Assert.SkipUnless(model.RunsInBands, "no kernel of the integer engine fits this processor");
        Assert.Equal(
            MemoryPlan.For(model, settings, keepsMaps: true).Expected,
            MemoryPlan.For(model, settings with { Views = 2 }).Expected);
        Assert.True(MemoryPlan.For(model, settings).Expected < MemoryPlan.For(model, settings, keepsMaps: true).Expected);
    }

    [Fact]
    public void ASecondModelsMemoryCountsToo()
    {
        using var model = NucleusModel.LoadBuiltIn();
        using var second = NucleusModel.LoadBuiltIn("hoverfast-he-fast");
        var settings = new SegmentSettings { Threads = 8 };
        var alone = MemoryPlan.For(model, settings, keepsMaps: true).Expected;
        var both = alone + MemoryPlan.For(second, settings, keepsMaps: true).Expected;
        Assert.Equal(8, MemoryPlan.TilesOfBoth(model, second, settings, both));

        // Room for the first model's eight tiles is room for about half as many of both.
        Assert.InRange(MemoryPlan.TilesOfBoth(model, second, settings, alone), 3, 5);
        Assert.Equal(1, MemoryPlan.TilesOfBoth(model, second, settings, 1));
    }

    [Fact]
    public void FewerTilesAreComputedAtOnceWhereMemoryIsShort()
    {
        var ample = MemoryPlan.For(_hoverFast, false, 1024, 8, 64 * Gigabyte);
        Assert.Equal((8, 8, false), (ample.Tiles, ample.Threads, ample.IsTight));
        var tight = MemoryPlan.For(_hoverFast, false, 1024, 8, 2 * Gigabyte);
        Assert.True(tight.IsTight && tight.Tiles is >= 1 and < 8, $"{tight}");
        Assert.Equal(1, MemoryPlan.For(_hoverFast, false, 16_384, 8, Gigabyte).Tiles);
    }
}
