using Xunit;

namespace HoverFast.Training.Tests;

public sealed class SmokeTests
{
    [Fact]
    public void Loads() => Assert.NotNull(typeof(SmokeTests));
}
