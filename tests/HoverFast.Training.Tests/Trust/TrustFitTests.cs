using HoverFast.Evaluation;
using HoverFast.Quality;
using HoverFast.Slides;
using HoverFast.Training.Trust;
using Xunit;

namespace HoverFast.Training.Tests.Trust;

public sealed class TrustFitTests
{
    [Fact]
    public void LogisticRegressionFindsTheWeightsThatWereDrawn()
    {
        var random = new Random(4);
        List<double[]> rows = [.. Enumerable.Range(0, 20_000).Select(_ => (double[])[Normal(random), Normal(random)])];
        var truth = rows.ConvertAll(r => random.NextDouble() < 1 / (1 + Math.Exp(-(0.5 + (1.2 * r[0]) - (0.7 * r[1])))));
        var fitted = LogisticFit.Fit(rows, truth, rows.ConvertAll(_ => 1.0), 1e-6);
        Assert.Equal(0.5, fitted[0], 0.06);
        Assert.Equal(1.2, fitted[1], 0.06);
        Assert.Equal(-0.7, fitted[2], 0.06);
    }

    [Fact]
    public void TheRidgePullsWeightsToZeroAndNotTheConstant()
    {
        List<double[]> rows = [.. Enumerable.Range(0, 1000).Select(i => (double[])[i % 2 == 0 ? 1 : -1])];
        var fitted = LogisticFit.Fit(rows, [.. Enumerable.Range(0, 1000).Select(i => i % 2 == 0 || i % 4 == 1)], rows.ConvertAll(_ => 1.0), 1e6);
        Assert.Equal(0, fitted[1], 0.01);
        Assert.Equal(Math.Log(3), fitted[0], 0.01);
    }

    [Fact]
    public void RankStatisticsAreThoseOfTheBooks()
    {
        Assert.Equal(1, Ranks.Spearman([1, 2, 3, 4], [10, 20, 21, 500]), 9);
        Assert.Equal(-0.4, Ranks.Spearman([1, 2, 3, 4], [3, 4, 1, 2]) + 0.2, 9);
        Assert.Equal(0.75, Ranks.Auroc([1, 3], [2, 4]), 9);
        Assert.Equal(0.5, Ranks.Auroc([1, 1], [1, 1]), 9);
    }

    /// <summary>A small twin of the fit: two families whose nuclei match by one and the same rule.</summary>
    [Fact]
    public void TheMatchFitIsCalibratedOnTheFamilyThatWasLeftOut()
    {
        var random = new Random(9);
        List<TrustSample> samples = [.. Enumerable.Range(0, 40).Select(i => Sample(i % 2 == 0 ? "one/val" : "two/val", random))];
        var card = MatchFit.Fit(samples, ["model", "other"], ["drawn"]);
        var all = card.Reliability.Single(r => r is { Model: "model", Set: "all" });
        // Those that are less likely right than a quarter are no part of results: 7 in 100 here.
        Assert.InRange(all.Nuclei, 40 * 180, 40 * 192);
        Assert.InRange(all.Error, 0, 0.03);
        Assert.True(card.Inputs.Single(i => i.Name == "boundary").Weight > 0.5);
        Assert.All(card.Inputs.Where(i => i.Name != "boundary"), i => Assert.InRange(i.Weight, -0.15, 0.15));
    }

    /// <summary>Three nuclei of a calibration by boundary alone: the weak one is left out, of the sums and of the score.</summary>
    [Fact]
    public void ASampleIsWhatTheProgramWouldAnswerWithACalibration()
    {
        var card = new MatchCard
        {
            Description = "",
            Models = ["model"],
            Data = [],
            Inputs = [new MatchInput("boundary", 0, 1, 2)],
            Limit = 3,
            Constant = 0,
            Offsets = new Dictionary<string, double>(),
            Reliability = [],
        };
        JudgedNucleus[] nuclei = [Nucleus(1, 0.9, 30), Nucleus(0, 0, 20), Nucleus(-1, 0.6, 10)];
        var by = (Sample("one/val", new Random(1)) with { Nuclei = nuclei }).By(card);
        Assert.Equal(nuclei[..2], by.Nuclei);
        Assert.Equal((2, 50L, 40L, 1, 0.9), (by.Score.PredictedCount, by.Score.PredictedPixels, by.Score.SharedPixels, by.Score.Matched, by.Score.MatchedIou));
        Assert.Equal(2, by.Sums[FieldNumber.Nuclei]);
        Assert.Equal(50 * FieldSums.One, by.Sums[FieldNumber.NucleusArea]);
        Assert.Equal(((1 / (1 + Math.Exp(-2))) + 0.5) * FieldSums.One, by.Sums[FieldNumber.Match], 1.0);

        static JudgedNucleus Nucleus(double boundary, double iou, int pixels)
        {
            var evidence = new double[NucleusEvidence.Count];
            evidence[NucleusEvidence.Boundary] = boundary;
            return new JudgedNucleus(evidence, iou, pixels, pixels, pixels - 5);
        }
    }

    [Theory]
    [InlineData(nameof(Degradation.Fade), 0.5)]
    [InlineData(nameof(Degradation.Blur), 2)]
    [InlineData(nameof(Degradation.Jpeg), 10)]
    [InlineData(nameof(Degradation.Noise), 20)]
    [InlineData(nameof(Degradation.Ihc), 1)]
    [InlineData(nameof(Degradation.Invert), 1)]
    [InlineData(nameof(Degradation.Purple), 1)]
    [InlineData(nameof(Degradation.Fold), 20)]
    [InlineData(nameof(Degradation.Bubble), 30)]
    [InlineData(nameof(Degradation.Dust), 12)]
    public void DegradedPicturesDifferAndTheSourceStays(string kind, double strength)
    {
        var picture = new RgbImage(64, 48);
        new Random(1).NextBytes(picture.Span);
        var before = picture.Span.ToArray();
        var worse = DegradedPicture.Of(picture, Enum.Parse<Degradation>(kind), strength);
        Assert.Equal(picture.Size, worse.Size);
        Assert.Equal(before, picture.Span.ToArray());
        Assert.NotEqual(before, worse.Span.ToArray());
        Assert.Equal(worse.Span.ToArray(), DegradedPicture.Of(picture, Enum.Parse<Degradation>(kind), strength).Span.ToArray());
    }

    private static TrustSample Sample(string set, Random random) =>
        new()
        {
            Set = set,
            Name = "a",
            Degradation = Degradation.None,
            Strength = 1,
            Model = "model",
            Sums = new FieldSums(0, 0),
            Score = new SegmentationScore
            {
                TruthCount = 1,
                PredictedCount = 1,
                TruthPixels = 1,
                PredictedPixels = 1,
                SharedPixels = 1,
                AjiIntersection = 1,
                AjiUnion = 1,
                Matched = 1,
                MatchedIou = 1,
                CentroidMatched = 1,
            },
            Nuclei =
            [
                .. Enumerable
                    .Range(0, 200)
                    .Select(_ =>
                    {
                        double[] evidence = [.. Enumerable.Range(0, NucleusEvidence.Count).Select(_ => Normal(random))];
                        return new JudgedNucleus(evidence, random.NextDouble() < 1 / (1 + Math.Exp(-(0.4 + evidence[NucleusEvidence.Boundary]))) ? 0.8 : 0);
                    }),
            ],
        };

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
}
