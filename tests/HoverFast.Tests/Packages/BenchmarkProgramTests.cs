using HoverFast.Model.Engine;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Packages;

/// <summary>
/// The commands by which docs/performance.md and engine.md measure still run, on as little as they take. What they measure is no test's matter.
/// </summary>
public sealed class BenchmarkProgramTests
{
    private static readonly string _program = Path.Combine(
        Repository.Root,
        "benchmarks",
        "HoverFast.Benchmarks",
        "bin",
        Path.GetRelativePath(Path.Combine(Repository.Root, "tests", "HoverFast.Tests", "bin"), AppContext.BaseDirectory),
        "HoverFast.Benchmarks.dll");

    [Theory]
    [InlineData("all but the network ", "stages", "", "1", "1", "512")]
    [InlineData("64 threads ", "threads", "64", "64")]
    [InlineData("46 um: ", "empty")]
    public async Task EachRuns(string told, params string[] command) => Assert.Contains(told, await Run(command), StringComparison.Ordinal);

    [Fact]
    public async Task EveryKernelOfThisMachineHasItsRate()
    {
        var told = await Run("kernels", "1");
        Assert.All(ConvolutionKernel.Available, k => Assert.Contains("\n" + k.Name, told, StringComparison.Ordinal));
    }

    private static async Task<string> Run(params string[] command)
    {
        Assert.SkipUnless(File.Exists(_program), "needs the whole solution built, benchmarks too");
        var ended = await ChildProcess.RunAsync("dotnet", [_program, .. command]);
        Assert.True(ended.ExitCode == 0, ended.Error);
        return ended.Output;
    }
}
