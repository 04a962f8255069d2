using HoverFast.Model;
using HoverFast.Quality;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Quality;

public sealed class ModelReliabilityTests
{
    /// <summary>The error follows from the bins: their weighted mean of how far estimated and matched lie apart.</summary>
    [Theory]
    [InlineData("hoverfast-he")]
    [InlineData("hoverfast-he-fast")]
    public void AShippedStudentHasTheCalibrationsFigures(string name)
    {
        var reliability = ModelReliability.Of(BuiltInModels.Card(name))!;
        Assert.Equal(reliability.Nuclei, reliability.Bins.Sum(b => b.Nuclei));
        Assert.Equal(reliability.Error, reliability.Bins.Sum(b => b.Nuclei * Math.Abs(b.Estimated - b.Matched)) / reliability.Nuclei, 3);
        Assert.All(reliability.Bins, b => Assert.InRange(b.Estimated, b.From, b.To));
        Assert.InRange(reliability.Error, 0.001, 0.03);
    }

    [Fact]
    public void OfOtherModelsNothingIsKnown() =>
        Assert.Null(ModelReliability.Of(BuiltInModels.Card("hoverfast-he") with { Name = "my-adapted" }));

    [Fact]
    public async Task InfoPrintsThem()
    {
        var reliability = ModelReliability.Of(BuiltInModels.Card("hoverfast-he"))!;
        var text = await ChildProcess.HoverFastAsync("model", "info", "hoverfast-he");
        Assert.Contains(FormattableString.Invariant($"expected calibration error {reliability.Error:0.000}"), text.Output, StringComparison.Ordinal);
        var best = reliability.Bins[^1];
        Assert.Contains(
            text.Output.Split('\n'),
            line => line.Contains("0.9 to 1.0", StringComparison.Ordinal)
                && line.Contains(FormattableString.Invariant($"{best.Nuclei:N0}"), StringComparison.Ordinal)
                && line.Contains(FormattableString.Invariant($"{best.Matched:0.000}"), StringComparison.Ordinal));
    }
}
