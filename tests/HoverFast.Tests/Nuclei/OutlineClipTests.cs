using System.Numerics;
using HoverFast.Nuclei;
using Xunit;

namespace HoverFast.Tests.Nuclei;

public sealed class OutlineClipTests
{
    [Fact]
    public void WhatLiesInsideStaysItself()
    {
        var nucleus = Make(new(0, 0), new(10, 0), new(10, 10), new(0, 10));
        Assert.Same(nucleus, nucleus.Clipped(0, 0, 10, 10));
    }

    [Fact]
    public void WhatReachesOverIsCutOff()
    {
        var clipped = Make(new(-2, 4), new(5, 4), new(5, 12), new(-2, 12)).Clipped(0, 0, 100, 10);
        Assert.Equal(30, clipped.Area, 6);
        Assert.Equal(new Vector2(2.5f, 7), clipped.Centroid);
        Assert.All(clipped.Contour, p => Assert.True(p.X is >= 0 and <= 5 && p.Y is >= 4 and <= 10, p.ToString()));
        Assert.Equal(4, clipped.Contour.Distinct().Count());
    }

    [Fact]
    public void ATriangleOverACornerBecomesAPentagon()
    {
        var clipped = Make(new(-1, -1), new(9, -1), new(-1, 9)).Clipped(0, 0, 7, 7);

        // The legs of 8 lose a triangle with legs of 1 at either end.
        Assert.Equal(32 - 1, clipped.Area, 6);
        Assert.Equal(5, clipped.Contour.Distinct().Count());
    }

    private static Nucleus Make(params Vector2[] contour)
    {
        var (area, centroid) = OutlineClip.AreaOf(contour);
        return new Nucleus(contour) { Area = area, Centroid = centroid, MeanProbability = 1, BoundaryConfidence = 1 };
    }
}
