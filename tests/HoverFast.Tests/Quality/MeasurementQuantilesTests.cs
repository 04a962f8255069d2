using HoverFast.Model;
using HoverFast.Quality;
using Xunit;

namespace HoverFast.Tests.Quality;

public sealed class MeasurementQuantilesTests
{
    [Fact]
    public void PercentilesLieBetweenQuantiles()
    {
        var values = Enumerable.Range(0, 1001).Select(i => (double)(1000 - i)).ToArray();
        var learned = new MeasurementQuantiles("", 1, 1001, new Dictionary<string, IReadOnlyList<double>> { ["area"] = MeasurementQuantiles.Of(values) });
        foreach (var (value, expected) in ((double, double)[])[(-5, 0), (0, 0), (5, 0.5), (250, 25), (254, 25.4), (999, 99.9), (1000, 100), (1200, 100)])
        {
            Assert.Equal(expected, learned.Percentile("area", value)!.Value, 6);
        }

        Assert.Null(learned.Percentile("perimeter", 3));
    }

    [Fact]
    public void ManyTheSameLieInTheMiddleOfThemselves()
    {
        // A tenth is 0, eight tenths are 1, a tenth is 2.
        var values = Enumerable.Range(0, 1000).Select(i => i < 100 ? 0.0 : i < 900 ? 1 : 2).ToArray();
        var learned = new MeasurementQuantiles("", 1, 1000, new Dictionary<string, IReadOnlyList<double>> { ["type"] = MeasurementQuantiles.Of(values) });
        Assert.Equal(50, learned.Percentile("type", 1)!.Value, 1.0);
        Assert.InRange(learned.Percentile("type", 0)!.Value, 4, 6);
        Assert.InRange(learned.Percentile("type", 2)!.Value, 94, 96);
    }

    [Fact]
    public void TheBuiltInStudentsHaveTheirsOnHaematoxylinAndEosinAlone()
    {
        foreach (var name in NucleusModel.BuiltIn)
        {
            var card = ModelCatalog.CardOf(name);
            var learned = MeasurementCard.BuiltIn.Of(name, card.Sha256, "HaematoxylinEosin")!;
            Assert.True(learned.Nuclei > 30_000);
            Assert.All(learned.Quantiles.Values, q => Assert.Equal((MeasurementQuantiles.Parts + 1, true), (q.Count, q.SequenceEqual(q.Order()))));

            // Half of all nuclei have 20 to 60 um2, as lymphocytes and epithelium do.
            Assert.InRange(learned.Quantiles["Nucleus: Area \u00B5m^2"][50], 20, 60);
            Assert.Null(MeasurementCard.BuiltIn.Of(name, card.Sha256, "HaematoxylinDab"));
            Assert.Null(MeasurementCard.BuiltIn.Of(name, new string('0', 64), "HaematoxylinEosin"));
        }

        // Whoever changes a model makes the file anew.
        foreach (var (name, learned) in MeasurementCard.BuiltIn.Models)
        {
            Assert.True(
                learned.Sha256 == ModelCatalog.CardOf(name).Sha256,
                $"models/quality/{MeasurementCard.FileName} is of another {name} than the one built in. "
                    + "Make it anew: hoverfast-train measurements ../shared/data -o models/quality");
        }

        Assert.Null(MeasurementCard.BuiltIn.Of("another", new string('0', 64), "HaematoxylinEosin"));
    }
}
