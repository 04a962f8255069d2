using HoverFast.Review.Estimates;
using HoverFast.Review.Fields;
using Xunit;

namespace HoverFast.Review.Tests;

public sealed class EstimateTests
{
    [Theory]
    [InlineData(0.025, 8, 3, 0.44390)] // Clopper and Pearson's lower end for 8 of 10
    [InlineData(0.975, 9, 2, 0.97479)] // and the upper one
    [InlineData(0.5, 1, 1, 0.5)]
    public void QuantilesOfBetaAreThoseOfTables(double share, double a, double b, double expected) => Assert.Equal(expected, Beta.Quantile(share, a, b), 4);

    [Theory]
    [InlineData(1, 12.706)]
    [InlineData(11, 2.201)]
    [InlineData(1000, 1.962)]
    public void QuantilesOfStudentAreThoseOfTables(double degrees, double expected) => Assert.Equal(expected, Beta.StudentQuantile(0.975, degrees), 3);

    [Fact]
    public void ARatioIsWeighedByTheChanceToBeDrawn()
    {
        // Two fields that stand for 2 and 4 others: (2*8 + 4*5) / (2*10 + 4*10).
        var ratio = ClusterRatio.Of([(8, 10, 0.5), (5, 10, 0.25)]);

        Assert.Equal(0.6, ratio.Value, 9);
        Assert.InRange(ratio.Low, 0, 0.5);
        Assert.InRange(ratio.High, 0.7, 1);
    }

    [Fact]
    public void AllFieldsLookedAtLeaveNothingToChance() => Assert.Equal(new RatioInterval(0.75, 0.75, 0.75), ClusterRatio.Of([(1, 2, 1), (2, 2, 1)]));

    [Fact]
    public void OneFieldAloneGivesNoInterval() => Assert.True(double.IsNaN(ClusterRatio.Of([(1, 2, 0.1)]).Low));

    [Fact]
    public void OneFieldWithNucleiAmongEmptyOnesGivesNoInterval()
    {
        var ratio = ClusterRatio.Of([(60, 100, 0.05), .. Enumerable.Repeat((0.0, 0.0, 0.05), 11)]);

        Assert.Equal(0.6, ratio.Value, 9);
        Assert.True(double.IsNaN(ratio.Low) && double.IsNaN(ratio.High));
    }

    [Fact]
    public void ThreeNucleiInTwelveFieldsAreWorthNoMoreThanThree() // Clopper and Pearson's lower end for 3 of 3
        => Assert.Equal(0.2924, ClusterRatio.Of([.. Enumerable.Repeat((1.0, 1.0, 0.05), 3), .. Enumerable.Repeat((0.0, 0.0, 0.05), 9)]).Low, 4);

    [Fact]
    public void IntervalsHoldTheTruthWhereMostFieldsHaveNoNuclei()
    {
        var random = new Random(5);
        List<(double Part, double Whole)> cells = [];
        for (var i = 0; i < 400; i++)
        {
            var nuclei = random.Next(10) switch { < 7 => 0, 9 => 2, _ => 1 };
            cells.Add((Enumerable.Range(0, nuclei).Count(_ => random.NextDouble() < 0.7), nuclei));
        }

        var truth = cells.Sum(c => c.Part) / cells.Sum(c => c.Whole);
        var told = Enumerable.Range(0, 1000)
            .Select(seed => ClusterRatio.Of([.. new Random(seed).GetItems(cells.ToArray(), 12).Select(c => (c.Part, c.Whole, 0.03))]))
            .Where(r => !double.IsNaN(r.Low))
            .ToList();

        Assert.InRange(told.Count(r => r.Holds(truth)), 0.93 * told.Count, told.Count);
    }

    [Fact]
    public void NoMistakeSeenStillLeavesDoubt()
    {
        var ratio = ClusterRatio.Of([.. Enumerable.Repeat((20.0, 20.0, 0.01), 5)]);

        Assert.Equal(1, ratio.High);
        Assert.InRange(ratio.Low, 0.9, 0.99);
    }

    /// <summary>
    /// Tissue whose fields differ in density and in how good the model is: the 95 % interval must hold the truth in 95 % of draws. 90 % of 50 draws, as is
    /// asked of real
    /// tissue, is far below; over 1000 draws chance makes less than 2 % of difference.
    /// </summary>
    [Theory]
    [InlineData(8, 915)] // so few may never meet the worst fields: a little less than they say
    [InlineData(12, 930)]
    [InlineData(30, 930)]
    public void IntervalsHoldTheTruthAsOftenAsTheySay(int fields, int least)
    {
        var random = new Random(5);
        var cells = new List<Cell>();
        var scores = new Dictionary<Cell, (double Part, double Whole)>();
        for (var i = 0; i < 300; i++)
        {
            var tissue = random.Next(5) == 0 ? random.NextDouble() : 1;
            var nuclei = (int)(tissue * (10 + (90 * Math.Pow(random.NextDouble(), 2))));
            var share = 0.95 - (0.5 * Math.Pow(random.NextDouble(), 3));
            var cell = new Cell("s", i, 0, 1, 1, tissue);
            cells.Add(cell);
            scores[cell] = (Enumerable.Range(0, nuclei).Count(_ => random.NextDouble() < share), nuclei);
        }

        var truth = scores.Values.Sum(s => s.Part) / scores.Values.Sum(s => s.Whole);
        const int draws = 1000;
        var held = 0;
        var sum = 0.0;
        for (var seed = 0; seed < draws; seed++)
        {
            var ratio = ClusterRatio.Of([.. FieldDraw.Draw(cells, fields, new Random(seed))
                .Select(d => (scores[d.Cell].Part, scores[d.Cell].Whole, d.Inclusion))]);
            held += ratio.Holds(truth) ? 1 : 0;
            sum += ratio.Value;
        }

        Assert.InRange(held, least, 1000);
        Assert.Equal(truth, sum / draws, 0.005);
    }
}
