using System.Runtime.InteropServices;
using HoverFast.Evaluation;
using HoverFast.Quality;

namespace HoverFast.Training.Trust;

/// <summary>Fits the expected accuracy: ridge regressions on figures of whole pictures, where a family of sets weighs by the root of its pictures.</summary>
internal static class AccuracyFit
{
    private const double Limit = 2.5;
    private const double Ridge = 20;
    private const double TotalWeight = 1000;

    /// <summary>The figures that were found to hold across sets, by forward selection on the sets left out.</summary>
    private static readonly string[] _chosen =
    [
        "matchLogit", "area", "density", "stainHue", "probabilitySpread", "touching", "step", "mass", "match", "weakBoundary", "blue",
    ];

    /// <summary>Fits to all samples, and measures by leaving each family out in turn.</summary>
    /// <param name="samples">The samples.</param>
    /// <param name="match">The calibration of nuclei that the program will use; a family that is left out is left out of its own one too.</param>
    public static AccuracyCard Fit(IReadOnlyList<TrustSample> samples, MatchCard match)
    {
        var used = samples.Where(s => s.IsFitted).ToList();
        var judged = new List<(Row Row, double Pq, double Dice)>();
        foreach (var family in used.Where(s => s.IsUnseen).Select(s => s.Family).Distinct().Order(StringComparer.Ordinal))
        {
            var usable = Rows(used, MatchFit.Without(family, used, match.Models));
            var judge = new QualityJudge(Regress(usable.FindAll(r => r.Sample.Family != family)), QualityJudge.BuiltIn.ShiftNumbers);
            judged.AddRange(
                usable.Where(r => r.Sample.Family == family && r.Sample.IsUnseen).Select(r => (r, judge.ExpectedPq(r.Figures), judge.ExpectedDice(r.Figures))));
        }

        var residuals = judged.Select(j => j.Row.Pq - j.Pq).Order().ToList();
        var card = Regress(Rows(used, match)) with
        {
            Data = match.Data,
            PqBelow = Round(BootstrapInterval.Percentile(CollectionsMarshal.AsSpan(residuals), 0.1)),
            PqAbove = Round(BootstrapInterval.Percentile(CollectionsMarshal.AsSpan(residuals), 0.9)),
        };
        return card with
        {
            HeldOut =
            [
                HeldOut("all, as they are", [.. judged.Where(j => j.Row.Sample.Degradation == Degradation.None)], card),
                HeldOut("all, and made worse", judged, card),
                .. judged.GroupBy(j => j.Row.Sample.Set, StringComparer.Ordinal).Select(g => HeldOut(g.Key + ", and made worse", [.. g], card)),
                .. judged
                    .GroupBy(j => j.Row.Sample.Degradation)
                    .Where(g => g.Key != Degradation.None)
                    .Select(g => HeldOut(g.Key.ToString().ToLowerInvariant(), [.. g], card)),
            ],
        };
    }

    private static List<Row> Rows(IEnumerable<TrustSample> samples, MatchCard match) =>
        [.. samples.Select(s => s.By(match)).Select(s => new Row(s, FieldFeatures.Of(s.Sums)))];

    private static AccuracyHeldOut HeldOut(string name, IReadOnlyList<(Row Row, double Pq, double Dice)> judged, AccuracyCard card) => new()
    {
        Pictures = name,
        Count = judged.Count,
        Spearman = Round(Ranks.Spearman([.. judged.Select(j => j.Pq)], [.. judged.Select(j => j.Row.Pq)])),
        PqError = Round(judged.Average(j => Math.Abs(j.Pq - j.Row.Pq))),
        DiceError = Round(judged.Average(j => Math.Abs(j.Dice - j.Row.Dice))),
        Coverage = Round(judged.Average(j => j.Row.Pq >= j.Pq + card.PqBelow && j.Row.Pq <= j.Pq + card.PqAbove ? 1 : 0)),
    };

    private static AccuracyCard Regress(IReadOnlyList<Row> rows)
    {
        var places = Array.ConvertAll(_chosen, FieldFeatures.PlaceOf);
        var means = Array.ConvertAll(places, p => rows.Average(r => r.Figures[p]));
        var deviations = places.Select((p, i) => Math.Sqrt(rows.Average(r => Math.Pow(r.Figures[p] - means[i], 2)))).ToArray();
        var families = rows.GroupBy(r => r.Sample.Family, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => 1 / Math.Sqrt(g.Count()), StringComparer.Ordinal);
        var scale = TotalWeight / rows.Sum(r => families[r.Sample.Family]);
        var normal = new double[places.Length + 1, places.Length + 1];
        var (pq, dice) = (new double[places.Length + 1], new double[places.Length + 1]);
        foreach (var row in rows)
        {
            var inputs = places.Select((p, i) => Math.Clamp((row.Figures[p] - means[i]) / deviations[i], -Limit, Limit)).ToArray();
            var weight = scale * families[row.Sample.Family];
            LinearSystem.Accumulate(normal, pq, inputs, weight, weight * row.Pq);
            LinearSystem.Accumulate(new double[places.Length + 1, places.Length + 1], dice, inputs, weight, weight * row.Dice);
        }

        for (var k = 1; k <= places.Length; k++)
        {
            normal[k, k] += Ridge;
        }

        var (pqFit, diceFit) = (LinearSystem.Solve(normal, pq), LinearSystem.Solve(normal, dice));
        return new AccuracyCard
        {
            Description = "Panoptic quality and Dice to be expected of a field, estimated from what is seen in it without any label.",
            Data = [],
            Inputs =
            [
                .. _chosen.Select((name, i) => new AccuracyInput(name, Round(means[i]), Round(deviations[i]), Round(pqFit[i + 1]), Round(diceFit[i + 1]))),
            ],
            Limit = Limit,
            PqConstant = Round(pqFit[0]),
            DiceConstant = Round(diceFit[0]),
            PqBelow = 0,
            PqAbove = 0,
            HeldOut = [],
        };
    }

    private static double Round(double value) => Math.Round(value, 5);

    private sealed record Row(TrustSample Sample, double[] Figures)
    {
        // Where nothing is found and nothing is there, nothing can be said; such pictures are none of ours.
        public double Pq { get; } = double.IsNaN(Sample.Score.PanopticQuality) ? 0 : Sample.Score.PanopticQuality;

        public double Dice { get; } = double.IsNaN(Sample.Score.Dice) ? 0 : Sample.Score.Dice;
    }
}
