using HoverFast.Pipeline;
using Xunit;

namespace HoverFast.Tests.Pipeline;

public sealed class ThreadCountTests
{
    [Theory]
    [InlineData(16, null, 16)]
    [InlineData(16, "4", 4)]
    [InlineData(2, "8", 2)]
    [InlineData(8, "", 8)]
    [InlineData(8, "0", 8)]
    [InlineData(8, "many", 8)]
    public void TakesTheLesserOfCoresAndAllotment(int cores, string? allotted, int expected) => Assert.Equal(expected, ThreadCount.Within(cores, allotted));

    [Fact]
    public void PeakMemoryLiesBetweenWhatIsHeldNowAndWhatTheMachineHas()
    {
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        var held = self.WorkingSet64;
        Assert.InRange(PeakMemory.Bytes, held / 10 * 9, Math.Max(held, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes));
    }
}
