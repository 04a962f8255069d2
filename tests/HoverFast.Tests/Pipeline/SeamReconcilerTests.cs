using System.Numerics;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tiles;
using HoverFast.Tissue;
using Xunit;

namespace HoverFast.Tests.Pipeline;

/// <summary>Two rows and two columns of cores of 100 working pixels, two slide pixels each.</summary>
public sealed class SeamReconcilerTests
{
    private static readonly IReadOnlyList<Tile> _tiles = new TileGrid(new WorkingRect(0, 0, 200, 200), 120, 10, 1)
        .Tiles(TissueMask.Everything(new PixelSize(200, 200), new Mpp(0.5), "all"), new Mpp(0.5));

    private readonly SeamReconciler _seams = new(_tiles, 2, 0, 0);

    [Fact]
    public void OfTwoViewsTheEarlierStays()
    {
        Assert.Equal(4, _tiles.Count);
        Assert.Equal([(200, 50)], Take(0, (200, 50)));
        Assert.Equal([(240, 50)], Take(1, (201, 50), (240, 50)));
        Assert.Empty(Take(2, []));
        Assert.Equal([(300, 300)], Take(3, (300, 300)));
    }

    [Fact]
    public void AViewThatOneTileLacksIsTakenFromTheOther()
    {
        Assert.Empty(Take(0, []));
        Assert.Equal([(198, 50)], Take(1, (198, 50)));
    }

    [Fact]
    public void NeighboursThatTouchStay()
    {
        Assert.Equal([(194, 50)], Take(0, (194, 50)));
        Assert.Equal([(206, 50)], Take(1, (206, 50)));
    }

    [Fact]
    public void ACrescentIsTheSameThoughItsCentroidLiesOutside()
    {
        static Nucleus Crescent(float x) =>
            new([new(x, 40), new(x + 20, 40), new(x + 20, 60), new(x, 60), new(x, 57), new(x + 17, 57), new(x + 17, 43), new(x, 43)])
            {
                Centroid = new Vector2(x + 12, 50),
                Area = 162,
                MeanProbability = 1,
                BoundaryConfidence = 1,
            };

        Assert.Single(_seams.Reconcile(new TileResult(0, [Crescent(188)], [[]], [], [])).Nuclei);
        Assert.Empty(_seams.Reconcile(new TileResult(1, [Crescent(188.3f)], [[]], [], [])).Nuclei);
    }

    [Fact]
    public void AcrossRowsAndAtACrossingOfSeams()
    {
        Assert.Equal([(200, 200)], Take(0, (200, 200)));
        Assert.Equal([(260, 200)], Take(1, (201, 200), (260, 200)));
        Assert.Empty(Take(2, (199, 201)));
        Assert.Empty(Take(3, (201, 199), (260, 202)));
    }

    [Fact]
    public void ADroppedNucleusTakesItsMeasurementsAlong()
    {
        Take(0, (200, 50));
        var second = _seams.Reconcile(new TileResult(1, [At(201, 50), At(260, 50)], [[1], [2]], [], []));
        Assert.Equal([2f], Assert.Single(second.Measurements));
    }

    [Fact]
    public void WhatWasReconciledStaysAsItIs()
    {
        TileResult[] once =
        [
            _seams.Reconcile(Result(0, (200, 50), (30, 30))),
            _seams.Reconcile(Result(1, (201, 50), (260, 50))),
            _seams.Reconcile(Result(2, (60, 201))),
        ];
        var again = new SeamReconciler(_tiles, 2, 0, 0);
        Assert.All(once, tile => Assert.Same(tile, again.Reconcile(tile)));
    }

    private static TileResult Result(int tile, params (int X, int Y)[] centres) =>
        new(tile, [.. centres.Select(c => At(c.X, c.Y))], [.. centres.Select(_ => Array.Empty<float>())], [], []);

    private static Nucleus At(int x, int y) => new([new(x - 6, y - 6), new(x + 6, y - 6), new(x + 6, y + 6), new(x - 6, y + 6)])
    {
        Centroid = new Vector2(x, y),
        Area = 144,
        MeanProbability = 1,
        BoundaryConfidence = 1,
    };

    private (int X, int Y)[] Take(int tile, params (int X, int Y)[] centres) =>
        [.. _seams.Reconcile(Result(tile, centres)).Nuclei.Select(n => ((int)n.Centroid.X, (int)n.Centroid.Y))];
}
