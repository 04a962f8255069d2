using HoverFast.Training.Commands;
using Xunit;

namespace HoverFast.Training.Tests;

/// <summary>Options that make no sense end in one line before anything starts.</summary>
public sealed class OptionTests
{
    [Theory]
    [InlineData("--mpp 0", "--mpp is 0.05 to 5, not ")]
    [InlineData("--mpp -0.25", "--mpp is 0.05 to 5, not ")]
    [InlineData("--mpp nan", "--mpp: 'nan' is no number.")]
    [InlineData("--mpp 0,25", "has a comma; numbers are written with a decimal point: write 0.25.")]
    [InlineData("--mpp 1e400", "--mpp is 0.05 to 5, not 1e400.")]
    [InlineData("--teacher-mpp 9", "--teacher-mpp is 0.05 to 5, not ")]
    [InlineData("--views 9", "--views is 1 to 8, not ")]
    [InlineData("--views 0", "--views is 1 to 8, not ")]
    [InlineData("--views two", "--views: 'two' is no whole number.")]
    [InlineData("--size -5", "--size is 64 to 8192, not -5.")]
    [InlineData("--tiles 0", "--tiles is 1 to 100000, not 0.")]
    [InlineData("--test-share 1", "--test-share is at least 0, below 1, not 1.")]
    [InlineData("--threads 0", "--threads is 1 to 1024, not 0.")]
    public void NumbersOutsideTheirRangeAreRefused(string option, string words)
    {
        var parsed = TrainingProgram.Root().Parse(["distill", "label", "slides", "--teacher", "hoverfast-he", "-o", "out", .. option.Split(' ')]);
        Assert.Contains(words, Assert.Single(parsed.Errors).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void SoundNumbersAreTaken() =>
        Assert.Empty(
            TrainingProgram
                .Root()
                .Parse([
                    "distill",
                    "label",
                    "slides",
                    "--teacher",
                    "hoverfast-he",
                    "-o",
                    "out",
                    "--mpp",
                    "0.25",
                    "--views",
                    "8",
                    "--size",
                    "256",
                    "--test-share",
                    "0",
                ])
                .Errors);

    [Fact]
    public void TrainWantsAFolderUnlessItOnlyChecks()
    {
        Assert.Contains("-o FOLDER", Assert.Single(TrainingProgram.Root().Parse(["train", "run.json"]).Errors).Message, StringComparison.Ordinal);
        Assert.Empty(TrainingProgram.Root().Parse(["train", "run.json", "--check"]).Errors);
    }

    [Fact]
    public async Task WrongUsageHasItsOwnExitCode()
    {
        Assert.Equal(2, await TrainingProgram.RunAsync(["train"]));
        Assert.Equal(3, await TrainingProgram.RunAsync(["train", "/nowhere/run.json", "-o", "/nowhere/out"]));
    }
}
