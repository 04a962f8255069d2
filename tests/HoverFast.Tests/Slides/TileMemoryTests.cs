using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Slides;

public sealed class TileMemoryTests
{
    [Fact]
    public void GivesOutWhatCameBackOfTheSameLengthAlone()
    {
        // A length that no slide of another test has.
        const int Length = 12_347;
        var first = TileMemory.Rent(Length);
        var second = TileMemory.Rent(Length);
        Assert.NotSame(first, second);
        TileMemory.Return(first);
        Assert.NotSame(first, TileMemory.Rent(Length + 1));
        Assert.Equal(Length, TileMemory.Rent(Length).Length);
    }

    [Fact]
    public void KeepsNoWholePictures()
    {
        const int Length = (4 << 20) + 1;
        var large = TileMemory.Rent(Length);
        TileMemory.Return(large);
        Assert.NotSame(large, TileMemory.Rent(Length));
    }
}
