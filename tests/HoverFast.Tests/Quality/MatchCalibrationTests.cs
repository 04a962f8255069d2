using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Pipeline;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Tests.Quality;

public sealed class MatchCalibrationTests
{
    private static readonly MatchCard _card = MatchCalibration.BuiltIn with
    {
        Inputs = [new MatchInput("boundary", 0.5, 0.1, 0.8), new MatchInput("area", 3, 1, -0.5)],
        Constant = 0.3,
        Limit = 3,
        Offsets = new Dictionary<string, double> { ["other"] = 0.2 },
    };

    [Fact]
    public void IsTheLogisticOfTheWeighedEvidence()
    {
        var row = new double[NucleusEvidence.Count];
        (row[NucleusEvidence.Boundary], row[NucleusEvidence.Area]) = (0.6, 5);
        Assert.Equal(1 / (1 + Math.Exp(-(0.3 + 0.8 - 1))), new MatchCalibration(_card, "any").Probability(row), 6);
        Assert.Equal(1 / (1 + Math.Exp(-(0.5 + 0.8 - 1))), new MatchCalibration(_card, "other").Probability(row), 6);
    }

    [Fact]
    public void EvidenceFarOutsideCountsAsTheLimit()
    {
        var (far, further) = (new double[NucleusEvidence.Count], new double[NucleusEvidence.Count]);
        (far[NucleusEvidence.Boundary], further[NucleusEvidence.Boundary]) = (2, 200);
        Assert.Equal(new MatchCalibration(_card, "any").Probability(far), new MatchCalibration(_card, "any").Probability(further));
    }

    [Fact]
    public void EvidenceThatNobodyKnowsIsRefused() =>
        Assert.Throws<InvalidDataException>(() => new MatchCalibration(_card with { Inputs = [new MatchInput("aura", 0, 1, 1)] }, "any"));

    [Fact]
    public void TheErrorOfAKnownDiagramIsRight()
    {
        List<(double, bool)> judged = [.. Enumerable.Range(0, 100).Select(i => (0.85, i < 70)), .. Enumerable.Range(0, 300).Select(i => (0.25, i < 75))];
        var found = MatchReliability.Of("model", "set", judged);
        Assert.Equal(0.25 * 0.15, found.Error, 4);
        Assert.Equal([300, 0.25, 0.25], found.Diagram[2]);
    }

    [Fact]
    public void TheCardHoldsOnSetsThatWereLeftOut()
    {
        foreach (var all in MatchCalibration.BuiltIn.Reliability.Where(r => r.Set == "all"))
        {
            Assert.InRange(all.Error, 0, 0.03);
            Assert.True(all.Nuclei > 5000);
        }
    }

    /// <summary>A small twin of the card's figures, on the labelled tiles of the repository.</summary>
    [Fact]
    public async Task TheLabelledTilesMatchAsOftenAsEstimated()
    {
        using var segmenter = new SlideSegmenter(settings: new SegmentSettings(), calibrator: new SlideCalibrator { Stated = new Mpp(0.25) });
        var judged = new List<(double Probability, bool IsMatched)>();
        foreach (var name in LabelledTiles.Names("tnbc"))
        {
            var ordinal = 0;
            var found = new List<double>();
            var truth = LabelImageFile.Read(LabelledTiles.Labels("tnbc", name));
            var labels = new LabelImage(truth.Width, truth.Height);
            await foreach (var nucleus in segmenter.FindNucleiAsync(LabelledTiles.Image("tnbc", name), TestContext.Current.CancellationToken))
            {
                found.Add(nucleus.MatchProbability!.Value);
                LabelPainter.Label(
                    labels,
                    new HoverFast.Nuclei.OutlineRaster().Fill([.. nucleus.Outline.Select(p => HoverFast.Nuclei.OutlinePoint.Round((float)p.X, (float)p.Y))]),
                    ++ordinal);
            }

            var overlap = LabelOverlap.Of(truth, labels);
            var matched = overlap.Matches.Select(m => m.Predicted).ToHashSet();
            judged.AddRange(found.Select((p, i) => (p, labels.Labels.Contains(i + 1) && matched.Contains(overlap.Predicted.NumberOf(i + 1)))));
        }

        var held = MatchReliability.Of("hoverfast-he", "tiles", judged);
        Assert.True(held.Nuclei > 60);
        Assert.Equal(held.Matched, held.Estimated, 0.12);
        Assert.True(judged.Where(j => j.IsMatched).Average(j => j.Probability) > judged.Where(j => !j.IsMatched).Average(j => j.Probability) + 0.15);
    }
}
