using System.Numerics;
using HoverFast.Evaluation;
using Xunit;

namespace HoverFast.Tests.Evaluation;

public sealed class TypeAgreementTests
{
    private static readonly string[] _types = ["A", "B"];

    [Fact]
    public void Pairs_are_the_nearest_ones_within_the_radius_and_as_many_as_can_be()
    {
        Vector2[] truth = [new(0, 0), new(10, 0), new(100, 100)];

        // The second point is near both: it goes to the nearer one, and the first one to the other.
        Vector2[] found = [new(4, 0), new(9, 0), new(100, 113)];
        Assert.Equal([0, 1, -1], CentroidMatching.Partners(truth, found, 12));
        Assert.Equal(2, CentroidMatching.Count(truth, found, 12));

        // Nearest first would leave the left one alone.
        Assert.Equal([1, 0], CentroidMatching.Partners([new(0, 0), new(6, 0)], [new(8, 0), new(5, 0)], 6).Select(p => p == 1 ? 1 : 0));
    }

    /// <summary>HoVer-Net's pairing makes all distances together least before it asks for the radius: a pair is lost that could be had.</summary>
    [Fact]
    public void HoverNetsPairsAreThoseOfTheLeastDistanceInAll()
    {
        // 11 + 101 pixels with the near pair, 30 + 60 without it.
        Vector2[] truth = [new(0, 0), new(41, 0)];
        Vector2[] found = [new(11, 0), new(-60, 0)];
        Assert.Equal([-1, -1], CentroidAssignment.Partners(truth, found, 12));
        Assert.Equal([0, -1], CentroidMatching.Partners(truth, found, 12));

        Assert.Equal([1, -1, 0], CentroidAssignment.Partners([new(0, 0), new(8, 0)], [new(9, 0), new(50, 0), new(1, 0)], 12));
        Assert.Equal([2, 0], CentroidAssignment.Partners([new(9, 0), new(50, 0), new(1, 0)], [new(0, 0), new(8, 0)], 12));
        Assert.Equal([-1, -1], CentroidAssignment.Partners([], [new(5, 0), new(30, 0)], 12));
        Assert.Empty(CentroidAssignment.Partners([new(5, 0)], [], 12));
    }

    /// <summary>Against all pairings of few points.</summary>
    [Fact]
    public void NoOtherPairingHasALesserDistanceInAll()
    {
        var random = new Random(7);
        for (var run = 0; run < 300; run++)
        {
            var (truth, found) = (Points(random.Next(0, 6)), Points(random.Next(0, 6)));
            var partners = CentroidAssignment.Partners(truth, found, 1e9);
            Assert.Equal(Math.Min(truth.Length, found.Length), partners.Count(p => p >= 0));
            Assert.Equal(partners.Count(p => p >= 0), partners.Where(p => p >= 0).Distinct().Count());
            var sum = partners.Index().Where(p => p.Item >= 0).Sum(p => (double)Vector2.Distance(truth[p.Item], found[p.Index]));
            Assert.Equal(truth.Length <= found.Length ? Least(truth, found) : Least(found, truth), sum, 3);
        }

        Vector2[] Points(int count) => [.. Enumerable.Range(0, count).Select(_ => new Vector2(random.Next(20), random.Next(20)))];

        static double Least(Vector2[] few, Vector2[] many) => few.Length == 0
            ? 0
            : many.Select((m, j) => Vector2.Distance(few[0], m) + Least(few[1..], [.. many.Where((_, o) => o != j)])).Min();
    }

    // Reckoned by HoVer-Net's compute_stats.py: F_d = 2 TP / (2 TP + FP + FN); F_c = 2 TP_c / (2 TP_c + 2 FP_c + 2 FN_c + FP_d + FN_d).
    [Fact]
    public void Scores_are_hovernets()
    {
        TypedNucleus[] truth = [N(0, 1), N(20, 1), N(40, 2), N(60, 2), N(80, 1), N(100, 0)];
        TypedNucleus[] found = [N(1, 1), N(21, 2), N(41, 2), N(60, 2, 300), N(81, 1), N(101, 1)];
        var score = TypeAgreement.Of(truth, found, _types, 5);
        Assert.Equal(2 * 5 / (2 * 5 + 1 + 1.0), score.Detection, 9);
        Assert.Equal(3 / 4.0, score.Accuracy, 9);

        // A: two right, one found as B; the one of unknown type counts neither way.
        Assert.Equal(4 / (4 + 2.0), score.OfType(1), 9);
        Assert.Equal(4 / (4 + 1.0), score.PlainOfType(1), 9);

        // B: one right, one of A found as B, one missed, one false.
        Assert.Equal(2 / (2 + 2 + 1 + 1.0), score.OfType(2), 9);
        Assert.Equal(((4 / 6.0) + (2 / 6.0)) / 2, score.MeanOfTypes, 9);
        Assert.Equal((3, 2), (score.Truth(1), score.Truth(2)));
        Assert.Equal((3, 3), (score.Found(1), score.Found(2)));

        var twice = score + score;
        Assert.Equal(score.Detection, twice.Detection, 9);
        Assert.Equal(6, twice.Truth(1));
        Assert.Equal(2, twice.Pairs(1, 2));

        static TypedNucleus N(float x, int type, float y = 0) => new(new Vector2(x, y), type);
    }

    [Fact]
    public void What_nobody_has_is_not_a_number()
    {
        var score = TypeAgreement.Of([], [], _types, 5);
        Assert.True(double.IsNaN(score.Detection) && double.IsNaN(score.Accuracy) && double.IsNaN(score.OfType(1)) && double.IsNaN(score.MeanOfTypes));
    }
}
