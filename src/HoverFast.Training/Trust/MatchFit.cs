using HoverFast.Nuclei;
using HoverFast.Quality;

namespace HoverFast.Training.Trust;

/// <summary>Fits the match probability: every family of sets (one laboratory's pictures) counts alike, whatever its size.</summary>
internal static class MatchFit
{
    /// <summary>Deviations from the mean that evidence counts at most.</summary>
    private const double Limit = 3;

    /// <summary>Strength of the ridge, where all nuclei together weigh <see cref="TotalWeight"/>.</summary>
    private const double Ridge = 20;

    private const double TotalWeight = 1000;

    /// <summary>The evidence that was found to hold across sets: forward selection by the likelihood on the set left out.</summary>
    private static readonly int[] _chosen =
    [
        NucleusEvidence.Probability, NucleusEvidence.OutwardSpread, NucleusEvidence.Boundary, NucleusEvidence.Neighbours, NucleusEvidence.Outward,
        NucleusEvidence.Hue, NucleusEvidence.AxisRatio, NucleusEvidence.Area, NucleusEvidence.Halo, NucleusEvidence.Core,
    ];

    /// <summary>Fits to all samples, and measures by leaving each family out in turn.</summary>
    /// <param name="samples">Samples of all sets and models.</param>
    /// <param name="models">The models' names, the default one first.</param>
    /// <param name="data">Lines for the card.</param>
    public static MatchCard Fit(IReadOnlyList<TrustSample> samples, IReadOnlyList<string> models, IReadOnlyList<string> data)
    {
        var usable = samples.Where(s => s.IsFitted).ToList();
        var judged = new List<(string Model, string Set, double Probability, bool IsMatched)>();
        foreach (var family in usable.Select(s => s.Family).Distinct().Order(StringComparer.Ordinal))
        {
            var card = Without(family, usable, models);
            foreach (var sample in usable.Where(s => s.Family == family && s.IsUnseen && s.Degradation == Degradation.None))
            {
                var calibration = new MatchCalibration(card, sample.Model);
                judged.AddRange(
                    sample
                        .Nuclei.Select(n => (sample.Model, sample.Set, Probability: (double)calibration.Probability(n.Evidence), n.IsMatched))
                        .Where(n => n.Probability >= FinderSettings.LikelyEnough));
            }
        }

        return Fit(usable, models) with
        {
            Data = data,
            Reliability =
            [
                .. from model in models
                   let ofModel = judged.Where(j => j.Model == model).ToList()
                   from set in ofModel.Select(j => j.Set).Distinct().Append("all")
                   select MatchReliability.Of(model, set, [.. ofModel.Where(j => set == "all" || j.Set == set).Select(j => (j.Probability, j.IsMatched))]),
            ],
        };
    }

    /// <summary>Fits to the samples of all families but one.</summary>
    /// <param name="family">The one.</param>
    /// <param name="samples">Samples of all sets and models.</param>
    /// <param name="models">The models' names, the default one first.</param>
    public static MatchCard Without(string family, IReadOnlyList<TrustSample> samples, IReadOnlyList<string> models) =>
        Fit(samples.Where(s => s.IsFitted && s.Family != family), models);

    private static MatchCard Fit(IEnumerable<TrustSample> samples, IReadOnlyList<string> models)
    {
        var groups = samples.GroupBy(s => s.Family, StringComparer.Ordinal).ToList();
        var rows = new List<(double[] Evidence, int Model, bool IsMatched, double Weight)>();
        foreach (var family in groups)
        {
            var count = family.Sum(s => s.Nuclei.Count);
            rows.AddRange(
                family.SelectMany(s => s.Nuclei.Select(n => (n.Evidence, IndexOf(models, s.Model), n.IsMatched, TotalWeight / groups.Count / count))));
        }

        var means = Array.ConvertAll(_chosen, c => rows.Average(r => r.Evidence[c]));
        var deviations = _chosen.Select((c, i) => Math.Sqrt(rows.Average(r => Math.Pow(r.Evidence[c] - means[i], 2)))).ToArray();
        var inputs = rows.ConvertAll(r => (double[])
        [
            .. _chosen.Select((c, i) => Math.Clamp((r.Evidence[c] - means[i]) / deviations[i], -Limit, Limit)),
            .. Enumerable.Range(1, models.Count - 1).Select(m => r.Model == m ? 1.0 : 0.0),
        ]);
        var fitted = LogisticFit.Fit(inputs, rows.ConvertAll(r => r.IsMatched), rows.ConvertAll(r => r.Weight), Ridge);
        return new MatchCard
        {
            Description = "Chance that a person's outline matches a nucleus (IoU above 0.5): logistic regression on what outline, maps and picture tell of it.",
            Models = models,
            Data = [],
            Inputs = [.. _chosen.Select((c, i) => new MatchInput(NucleusEvidence.Names[c], Round(means[i]), Round(deviations[i]), Round(fitted[i + 1])))],
            Limit = Limit,
            Constant = Round(fitted[0]),
            Offsets = models
                .Skip(1)
                .Select((name, i) => (name, Round(fitted[_chosen.Length + 1 + i])))
                .ToDictionary(o => o.name, o => o.Item2, StringComparer.Ordinal),
            Reliability = [],
        };
    }

    private static int IndexOf(IReadOnlyList<string> models, string model)
    {
        for (var i = 0; i < models.Count; i++)
        {
            if (models[i] == model)
            {
                return i;
            }
        }

        throw new ArgumentException($"No such model: {model}.", nameof(model));
    }

    private static double Round(double value) => Math.Round(value, 5);
}
