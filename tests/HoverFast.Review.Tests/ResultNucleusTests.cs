using HoverFast.Review.Fields;
using HoverFast.Tests;
using Xunit;

namespace HoverFast.Review.Tests;

public sealed class ResultNucleusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{"Detection probability": 0.9, "Match probability": 0.25}""", 0.25)]
    [InlineData("""{"Detection probability": 0.9}""", 0.9)]
    [InlineData("""{"Detection probability": 0.9, "Match probability": null}""", 0.9)]
    [InlineData("""{"Nucleus: Area µm^2": 30}""", null)]
    public void HowSureTheModelWasIsTheMatchProbabilityWhereItIsThere(string measurements, double? expected)
    {
        var path = _folder.File("nuclei.geojson");
        File.WriteAllText(
            path,
            $$$"""
            {"type": "FeatureCollection", "features": [{"type": "Feature",
             "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [9, 0], [9, 9], [0, 9], [0, 0]]]}, "properties": {"measurements": {{{measurements}}}}}]}
            """);
        Assert.Equal(expected, Assert.Single(ResultNucleus.ReadAll(path)).Probability);
    }
}
