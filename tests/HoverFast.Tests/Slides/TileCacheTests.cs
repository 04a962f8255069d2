using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Slides;

public sealed class TileCacheTests
{
    [Fact]
    public void ATileIsDecodedOnceWhileItIsAtHand()
    {
        using var cache = new TileCache(1000);
        var decoded = 0;
        for (var n = 0; n < 5; n++)
        {
            using var lease = cache.Get((0, 1, 7), 100, Fill(7, () => decoded++));
            Assert.Equal(7, lease.Pixels[99]);
        }

        Assert.Equal(1, decoded);
    }

    [Fact]
    public void TheLeastRecentlyUsedGoesFirst()
    {
        using var cache = new TileCache(300);
        var decoded = new List<int>();
        foreach (var tile in new[] { 1, 2, 3, 1, 4, 1, 2 })
        {
            using var lease = cache.Get((0, 1, tile), 100, Fill(tile, () => decoded.Add(tile)));
        }

        // 4 drove out 2, for 1 had been used again.
        Assert.Equal([1, 2, 3, 4, 2], decoded);
        Assert.Equal(300, cache.Bytes);
    }

    [Fact]
    public void ATileThatIsReadKeepsItsBytes()
    {
        using var cache = new TileCache(100);
        var first = cache.Get((0, 1, 1), 100, Fill(1, () => { }));
        for (var tile = 2; tile < 50; tile++)
        {
            using var other = cache.Get((0, 1, tile), 100, Fill(tile, () => { }));
        }

        Assert.Equal(1, first.Pixels[50]);
        first.Dispose();
        Assert.Equal(100, cache.Bytes);
    }

    [Fact]
    public void AFailedTileIsTriedAgain()
    {
        using var cache = new TileCache(1000);
        Assert.Throws<InvalidDataException>(() =>
        {
            using var lease = cache.Get((0, 1, 1), 100, _ => throw new InvalidDataException());
        });
        Assert.Equal(0, cache.Bytes);
        using var again = cache.Get((0, 1, 1), 100, Fill(9, () => { }));
        Assert.Equal(9, again.Pixels[0]);
    }

    [Fact]
    public void ManyThreadsSeeTheRightBytes()
    {
        using var cache = new TileCache(1000);
        Parallel.For(0, 20_000, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i =>
        {
            var tile = i * 7919 % 37;
            using var lease = cache.Get((0, 1, tile), 100, Fill(tile, () => { }));
            Assert.Equal(-1, lease.Pixels.IndexOfAnyExcept((byte)tile));
        });
    }

    private static Func<Memory<byte>, bool> Fill(int value, Action decoded) => pixels =>
    {
        decoded();
        pixels.Span.Fill((byte)value);
        return true;
    };
}
