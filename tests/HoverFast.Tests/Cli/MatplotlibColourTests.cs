using HoverFast.Cli.Options;
using Xunit;

namespace HoverFast.Tests.Cli;

public sealed class MatplotlibColourTests
{
    [Theory]
    [InlineData("limegreen", 50, 205, 50)]
    [InlineData("Red", 255, 0, 0)]
    [InlineData("slategrey", 112, 128, 144)]
    [InlineData("rebeccapurple", 102, 51, 153)]
    [InlineData("c", 0, 191, 191)]
    [InlineData("#ff8000", 255, 128, 0)]
    [InlineData("#F80", 255, 136, 0)]
    [InlineData("0.5", 128, 128, 128)]
    public void AreRead(string text, byte r, byte g, byte b) => Assert.Equal((r, g, b), MatplotlibColour.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("limegreenish")]
    [InlineData("control")]
    [InlineData("#12345")]
    [InlineData("#12345g")]
    [InlineData("1.5")]
    [InlineData("transparent")]
    public void OthersAreRefused(string text) => Assert.Null(MatplotlibColour.Parse(text));
}
