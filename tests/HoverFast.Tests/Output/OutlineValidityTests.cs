using HoverFast.Nuclei;
using HoverFast.Output;
using NetTopologySuite.Geometries;
using Xunit;

namespace HoverFast.Tests.Output;

public sealed class OutlineValidityTests
{
    [Theory]
    [InlineData("0,0 10,0 10,10 0,10", true)]
    [InlineData("0,0 10,0 5,1", true)]
    [InlineData("0,0 10,10 10,0 0,10", false)] // bow tie
    [InlineData("0,0 10,0 10,10 5,0 0,10", false)] // a corner on an edge
    [InlineData("0,0 5,5 10,0 10,10 5,5 0,10", false)] // a corner twice
    [InlineData("0,0 10,0 20,0 15,0", false)] // no area
    [InlineData("0,0 10,0 10,10 10,20 10,10 0,10", false)] // a spike
    [InlineData("0,0 10,0", false)]
    public void KnownRings(string ring, bool valid)
    {
        OutlinePoint[] points = [.. ring.Split(' ').Select(p => p.Split(',')).Select(p => new OutlinePoint(int.Parse(p[0]), int.Parse(p[1])))];
        var left = points[..OutlineValidity.DropRedundant(points)];
        Assert.Equal(valid, OutlineValidity.IsSurelyValid(left));
        Assert.Equal(valid, OutlineMender.IsValid(left));
    }

    [Fact]
    public void DropsPointsThatSayNothing()
    {
        OutlinePoint[] ring = [new(5, 0), new(10, 0), new(10, 0), new(10, 5), new(10, 10), new(0, 10), new(0, 0), new(2, 0), new(5, 0)];
        var n = OutlineValidity.DropRedundant(ring);
        Assert.Equal([new(10, 0), new(10, 10), new(0, 10), new(0, 0)], ring[..n]);
    }

    [Fact]
    public void WhatTheFastTestCallsValidIsValidToNetTopologySuite()
    {
        var random = new Random(2024);
        var valid = 0;
        var disagreements = 0;
        const int Rings = 110_000;
        for (var i = 0; i < Rings; i++)
        {
            var ring = RandomOutlines.Next(random);
            ring = ring[..OutlineValidity.DropRedundant(ring)];
            var ours = OutlineValidity.IsSurelyValid(ring);

            // As readers see it: decimal fractions in binary.
            var theirs = ring.Length >= 3 && AsRead(ring).IsValid;
            Assert.True(theirs || !ours, string.Join(' ', ring));
            valid += ours ? 1 : 0;
            disagreements += ours == theirs ? 0 : 1;
        }

        // The test bites on both kinds, and gives up on few rings that would pass (those that touch exactly, which rounding hides).
        Assert.InRange(valid, Rings / 5, Rings * 4 / 5);
        Assert.InRange(disagreements, 0, Rings / 20);
    }

    [Fact]
    public void GivesUpOnHugeRings()
    {
        OutlinePoint[] ring = [new(0, 0), new(200_000, 0), new(0, 200_000)];
        Assert.False(OutlineValidity.IsSurelyValid(ring));
        Assert.True(OutlineMender.IsValid(ring));
        ring = [new(int.MinValue, int.MinValue), new(int.MaxValue, 0), new(0, int.MaxValue), new(int.MaxValue, int.MaxValue)];
        Assert.False(OutlineValidity.IsSurelyValid(ring.AsSpan(0, OutlineValidity.DropRedundant(ring))));
    }

    [Fact]
    public void MendsWhatIsInvalid()
    {
        var random = new Random(77);
        var mended = 0;
        var lost = 0;
        for (var i = 0; i < 4000; i++)
        {
            var ring = RandomOutlines.Next(random);
            ring = ring[..OutlineValidity.DropRedundant(ring)];
            if (!OutlineMender.IsValid(ring))
            {
                if (OutlineMender.Mend(ring) is not { } sound)
                {
                    lost++;
                    continue;
                }

                mended++;
                Assert.True(sound.Length >= 3 && AsRead(sound).IsValid, string.Join(' ', ring));
                Assert.True(OutlineValidity.IsSurelyValid(sound), string.Join(' ', sound));
            }
        }

        // Lost are those without an area, and the few of a hundredth or two that rounding closes.
        Assert.True(mended > 500 && lost < mended / 2, $"{mended} rings mended, {lost} lost");
    }

    [Fact]
    public void KeepsTheLargestPart()
    {
        // Two squares that share a corner: of 10 and of 20 hundredths.
        OutlinePoint[] ring = [new(0, 0), new(10, 0), new(10, 10), new(30, 10), new(30, 30), new(10, 30), new(10, 10), new(0, 10)];
        var mended = Assert.IsType<OutlinePoint[]>(OutlineMender.Mend(ring));
        Assert.Equal(400, AsRead(mended).Area * 10_000, 6);
        Assert.Null(OutlineMender.Mend([new(0, 0), new(10, 0), new(20, 0)]));
    }

    private static Polygon AsRead(OutlinePoint[] ring) => new(new LinearRing(
        [.. ring.Append(ring[0]).Select(p => new Coordinate(double.Parse($"{p.X}e-2"), double.Parse($"{p.Y}e-2")))]));
}
