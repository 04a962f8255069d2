using System.Numerics;
using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Evaluation;

public sealed class SegmentationMetricsTests
{
    private static readonly Mpp _mpp = new(0.5);

    [Fact]
    public void HandComputedCase()
    {
        // Two true nuclei of 4 and 2 pixels; the segmentation finds 3 pixels of the first, spills one, and invents one of 2 pixels.
        var truth = Rows(
            "1111....",
            "......22",
            "........");
        var predicted = Rows(
            ".111....",
            ".1......",
            ".....55.");
        var score = SegmentationMetrics.Compare(truth, predicted);

        Assert.Equal((2, 2, 6L, 6L, 3L), (score.TruthCount, score.PredictedCount, score.TruthPixels, score.PredictedPixels, score.SharedPixels));
        Assert.Equal(0.5, score.Dice, 12);
        Assert.Equal(3.0 / (5 + 2 + 2), score.Aji, 12);
        Assert.Equal(1, score.Matched);
        Assert.Equal(0.5, score.DetectionQuality, 12);
        Assert.Equal(0.6, score.SegmentationQuality, 12);
        Assert.Equal(0.3, score.PanopticQuality, 12);
        Assert.Equal(0.5, score.Precision, 12);
        Assert.Equal(0.5, score.Recall, 12);
        Assert.True(double.IsNaN(score.CentroidF1));
    }

    [Fact]
    public void AnIouOfExactlyAHalfIsNoMatch()
    {
        var score = SegmentationMetrics.Compare(Rows("11111."), Rows(".11111"));
        Assert.Equal(1, score.Matched);
        score = SegmentationMetrics.Compare(Rows("111."), Rows(".111"));
        Assert.Equal(0.5, score.Aji, 12);
        Assert.Equal(0, score.Matched);
        Assert.Equal(0, score.SegmentationQuality);
    }

    [Fact]
    public void AjiLetsTwoTrueNucleiShareAPartner()
    {
        // Both true nuclei have the merged one as best partner: C = 4 + 4, U = 8 + 8.
        var score = SegmentationMetrics.Compare(Rows("11112222"), Rows("33333333"));
        Assert.Equal(0.5, score.Aji, 12);
        Assert.Equal(1, score.Dice, 12);
    }

    [Fact]
    public void AjiTakesThePartnerOfHighestIou()
    {
        // Nucleus 1 shares 3 pixels with 7 (IoU 3/9) and 2 with 8 (IoU 2/5); 7 then is nobody's partner.
        var score = SegmentationMetrics.Compare(Rows("11111....", "........."), Rows("77788....", "7777....."));
        Assert.Equal(2.0 / (5 + 7), score.Aji, 12);
    }

    [Theory]
    [InlineData("....", "....", double.NaN, 0)]
    [InlineData("11..", "....", 0, 2)]
    [InlineData("....", "11..", 0, 2)]
    public void ImagesWithoutNuclei(string truth, string predicted, double expected, long ajiUnion)
    {
        var score = SegmentationMetrics.Compare(Rows(truth), Rows(predicted), _mpp);
        foreach (
            var figure in new[]
            {
                score.Dice,
                score.Aji,
                score.DetectionQuality,
                score.SegmentationQuality,
                score.PanopticQuality,
                score.Precision,
                score.Recall,
                score.CentroidF1,
            })
        {
            Assert.Equal(expected, figure);
        }

        Assert.Equal(ajiUnion, score.AjiUnion);
        Assert.Equal(double.IsNaN(expected), score.IsEmpty);
    }

    [Fact]
    public void RefusesDifferentSizesAndNegativeLabels()
    {
        Assert.Throws<ArgumentException>(() => SegmentationMetrics.Compare(new LabelImage(3, 2), new LabelImage(2, 3)));
        Assert.Throws<ArgumentException>(() => SegmentationMetrics.Compare(new LabelImage(2, 1, [-1, 0]), new LabelImage(2, 1)));
    }

    [Theory]
    [InlineData(1.0, 6, 1)] // 6 px of 1 um
    [InlineData(1.0, 7, 0)]
    [InlineData(0.5, 12, 1)]
    [InlineData(0.5, 13, 0)]
    public void CentroidsMatchWithinSixMicrons(double mpp, int shift, int expected)
    {
        var truth = new LabelImage(40, 3);
        var predicted = new LabelImage(40, 3);
        truth.Labels[42] = 1;
        predicted.Labels[42 + shift] = 1;
        Assert.Equal(expected, SegmentationMetrics.Compare(truth, predicted, new Mpp(mpp)).CentroidF1);
    }

    [Fact]
    public void CentroidsArePairedOneToOneAsManyAsCanBe()
    {
        // A greedy pairing of nearest points would take (0, 5) and (5, 10) apart and leave one over.
        Assert.Equal(2, CentroidMatching.Count([new(0, 0), new(5, 0)], [new(4, 0), new(10, 0)], 6));
        Assert.Equal(2, CentroidMatching.Count([new(5, 0), new(0, 0)], [new(4, 0), new(10, 0)], 6));
        Assert.Equal(1, CentroidMatching.Count([new(0, 0), new(1, 0), new(2, 0)], [new(1, 0)], 6));
    }

    [Fact]
    public void CentroidsArePairedHoweverManyHangTogether()
    {
        // The last one finds a partner only if all the others change theirs.
        const int Links = 200_000;
        List<Vector2> truth = [.. Enumerable.Range(0, Links).Select(i => new Vector2(2 * i, 0))];
        List<Vector2> predicted = [.. Enumerable.Range(-1, Links).Select(i => new Vector2((2 * i) + 0.75f, 0))];
        Assert.Equal(Links, CentroidMatching.Count(truth, predicted, 1.25));

        // Twice as many as there are partners for, in one piece: half of them are looked for in vain.
        truth = [.. Enumerable.Range(0, Links).Select(i => new Vector2(i, 0))];
        predicted = [.. Enumerable.Range(0, Links / 2).Select(i => new Vector2((2 * i) + 0.5f, 0))];
        Assert.Equal(Links / 2, CentroidMatching.Count(truth, predicted, 2.5));
    }

    [Fact]
    public void PropertiesOfRandomImages()
    {
        var random = new Random(7);
        for (var i = 0; i < 300; i++)
        {
            var a = RandomImage(random);
            var b = random.Next(3) == 0 ? RandomImage(random) : Disturbed(a, random);
            var score = SegmentationMetrics.Compare(a, b, _mpp);
            var turned = SegmentationMetrics.Compare(b, a, _mpp);
            Assert.Equal(score, SegmentationMetrics.Compare(Relabelled(a, random), Relabelled(b, random), _mpp));
            if (score.IsEmpty)
            {
                continue;
            }

            // Symmetric figures, exactly.
            Assert.Equal(score.Dice, turned.Dice);
            Assert.Equal(score.Matched, turned.Matched);
            Assert.Equal(score.MatchedIou, turned.MatchedIou, 9);
            Assert.Equal(score.CentroidMatched, turned.CentroidMatched);

            // AJI never exceeds the IoU of the foreground, which follows from Dice.
            Assert.InRange(score.Aji, 0, (score.Dice / (2 - score.Dice)) + 1e-9);
            Assert.Equal(score.PanopticQuality, score.DetectionQuality * score.SegmentationQuality, 9);
            Assert.Equal(BruteMatches(a, b), score.Matched);
            if (!a.Labels.All(l => l == 0))
            {
                var same = SegmentationMetrics.Compare(a, Relabelled(a, random), _mpp);
                Assert.Equal((1.0, 1.0, 1.0, 1.0), (same.PanopticQuality, same.Aji, same.Dice, same.CentroidF1));
            }
        }
    }

    private static int BruteMatches(LabelImage a, LabelImage b)
    {
        var matches = 0;
        foreach (var la in a.Labels.Where(l => l > 0).Distinct())
        {
            foreach (var lb in b.Labels.Where(l => l > 0).Distinct())
            {
                var both = a.Labels.Zip(b.Labels).Count(p => p.First == la && p.Second == lb);
                var any = a.Labels.Zip(b.Labels).Count(p => p.First == la || p.Second == lb);
                matches += 2 * both > any ? 1 : 0;
            }
        }

        return matches;
    }

    private static LabelImage RandomImage(Random random)
    {
        var image = new LabelImage(24, 20);
        var count = random.Next(9);
        for (var n = 1; n <= count; n++)
        {
            var (x0, y0, w, h) = (random.Next(20), random.Next(16), random.Next(2, 8), random.Next(2, 8));
            for (var y = y0; y < Math.Min(20, y0 + h); y++)
            {
                for (var x = x0; x < Math.Min(24, x0 + w); x++)
                {
                    image.Labels[(y * 24) + x] = n;
                }
            }
        }

        return image;
    }

    private static LabelImage Disturbed(LabelImage image, Random random)
    {
        var other = new LabelImage(image.Width, image.Height, [.. image.Labels]);
        var merged = random.Next(1, 9);
        for (var i = 0; i < other.Labels.Length; i++)
        {
            other.Labels[i] = random.Next(8) == 0 ? 0 : other.Labels[i] == merged ? merged + 1 : other.Labels[i];
        }

        return other;
    }

    private static LabelImage Relabelled(LabelImage image, Random random)
    {
        var names = new Dictionary<int, int> { [0] = 0 };
        var used = new HashSet<int> { 0 };
        return new LabelImage(image.Width, image.Height, [.. image.Labels.Select(l =>
        {
            if (!names.TryGetValue(l, out var name))
            {
                do
                {
                    name = random.Next(1, 1_000_000);
                }
                while (!used.Add(name));
                names[l] = name;
            }

            return name;
        })]);
    }

    private static LabelImage Rows(params string[] rows) =>
        new(rows[0].Length, rows.Length, [.. rows.SelectMany(r => r).Select(c => c == '.' ? 0 : c - '0')]);
}
