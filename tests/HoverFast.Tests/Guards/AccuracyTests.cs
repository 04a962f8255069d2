using System.Text.Json.Nodes;
using HoverFast.Cli;
using Xunit;

namespace HoverFast.Tests.Guards;

/// <summary>
/// The shipped models find what they found when these figures were written down, on tissue that none of them was trained on. A change that moves a
/// figure on purpose writes the new one here, and says so in the changelog.
/// </summary>
public sealed class AccuracyTests : IDisposable
{
    private const double PqTolerance = 0.01;
    private const double CountTolerance = 0.02;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("hoverfast-he", "nuinsseg", 0.5781, 96)]
    [InlineData("hoverfast-he", "tnbc", 0.6763, 86)]
    [InlineData("hoverfast-he-fast", "nuinsseg", 0.5557, 94)]
    [InlineData("hoverfast-he-fast", "tnbc", 0.6287, 90)]
    [InlineData("hoverfast-he-fast-float32", "nuinsseg", 0.5557, 94)]
    [InlineData("hoverfast-he-fast-float32", "tnbc", 0.6440, 90)]
    [InlineData("hoverfast-he-float32", "nuinsseg", 0.5776, 96)]
    [InlineData("hoverfast-he-float32", "tnbc", 0.6770, 86)]
    public async Task AModelIsAsGoodAsItWas(string model, string set, double pq, int nuclei)
    {
        var json = _folder.File("scores.json");
        Assert.Equal(
            ExitCode.Success,
            await HoverFastCommand.RunAsync(["evaluate", LabelledTiles.Folder(set), "--mpp", LabelledTiles.Mpp(set), "--model", model, "--json", json]));
        var scores = JsonNode.Parse(await File.ReadAllTextAsync(json, TestContext.Current.CancellationToken))!;
        Assert.InRange((double)scores["mean"]!["pq"]!["value"]!, pq - PqTolerance, pq + PqTolerance);
        Assert.InRange((int)scores["pooled"]!["predicted"]!, nuclei * (1 - CountTolerance), nuclei * (1 + CountTolerance));
    }
}
