using HoverFast.Quality;

namespace HoverFast.Training.Trust;

/// <summary>
/// Fits the domain shift: means and covariance, shrunk towards no correlation (Ledoit and Wolf, 2004, with a fixed share), of the figures of pictures that
/// students learned from, every family of sets alike. The distance that counts as 1 leaves 95 of 100 good unseen pictures within.
/// </summary>
internal static class ShiftFit
{
    /// <summary>Share of the identity in the correlation.</summary>
    private const double Shrinkage = 0.15;

    /// <summary>Nuclei below which a picture tells little of its kind.</summary>
    private const int FewNuclei = 5;

    private const double GoodPq = 0.4;

    /// <summary>The figures that part the kinds of <see cref="Kinds"/> best from good pictures, by forward selection.</summary>
    private static readonly string[] _chosen = ["probability", "grain", "match", "stainHue", "area", "steps", "green", "sharpness", "step", "stained"];

    /// <summary>Fits and measures.</summary>
    public static ShiftCard Fit(IReadOnlyList<TrustSample> samples, IReadOnlyList<string> data)
    {
        var learned = samples.Where(s => !s.IsUnseen && s.Degradation == Degradation.None && s.Nuclei.Count >= FewNuclei).ToList();
        var card = Gauss(learned) with { Data = data };
        double Distance(TrustSample s) => new QualityJudge(QualityJudge.BuiltIn.Accuracy, card).Shift(FieldFeatures.Of(s.Sums));

        // Good pictures of organs, patients and laboratories that no student saw, in the stain and at the pixel size that the students know.
        var good = samples
            .Where(s => s.IsUnseen && s.Set != "dsb2018/purple" && s.Degradation == Degradation.None && s.Score.PanopticQuality >= GoodPq)
            .Select(Distance)
            .Order()
            .ToList();
        card = card with { Threshold = Round(good[(int)Math.Ceiling(0.95 * good.Count) - 1] * 1.0001) };
        var rows = new List<ShiftHeldOut> { Row("good unseen H&E", good) };
        foreach (var (name, picked) in Kinds(samples))
        {
            rows.Add(Row(name, [.. picked.Select(Distance)]));
        }

        return card with { HeldOut = rows };

        ShiftHeldOut Row(string name, IReadOnlyList<double> distances)
        {
            // Distances of before the threshold is settled are in units of 1.
            var unit = card.Threshold;
            var values = name == "good unseen H&E" ? distances.Select(d => d / unit).ToList() : [.. distances];
            return new ShiftHeldOut(
                name,
                values.Count,
                name == "good unseen H&E" ? 0 : Round(Ranks.Auroc([.. good.Select(g => g / unit)], values)),
                Round(values.Average(v => v > 1 ? 1 : 0)));
        }
    }

    private static IEnumerable<(string Name, IReadOnlyList<TrustSample> Samples)> Kinds(IReadOnlyList<TrustSample> samples)
    {
        var unseen = samples.Where(s => s.IsUnseen && s.Set != "dsb2018/purple").ToList();
        yield return ("blurred (sigma 3 pixels and more)", unseen.FindAll(s => s.Degradation is Degradation.Blur or Degradation.Defocus && s.Strength >= 3));
        yield return ("IHC taken as H&E (eosin turned brown)", unseen.FindAll(s => s.Degradation == Degradation.Ihc));
        yield return ("purple single stain (dsb2018)", samples.Where(s => s.Set == "dsb2018/purple" && s.Degradation == Degradation.None).ToList());
        yield return ("pixel size wrong by 2", unseen.FindAll(s => s.Degradation == Degradation.Scale && s.Strength is 2 or 0.5));
        yield return ("inverted", unseen.FindAll(s => s.Degradation == Degradation.Invert));
        yield return ("no tissue", unseen.FindAll(s => s.Degradation == Degradation.Texture));
    }

    private static ShiftCard Gauss(IReadOnlyList<TrustSample> learned)
    {
        var places = Array.ConvertAll(_chosen, FieldFeatures.PlaceOf);
        var families = learned.GroupBy(s => s.Family, StringComparer.Ordinal).ToList();
        var rows = families.SelectMany(g => g.Select(s => (Figures: FieldFeatures.Of(s.Sums), Weight: 1.0 / families.Count / g.Count()))).ToList();
        var means = Array.ConvertAll(places, p => rows.Sum(r => r.Weight * r.Figures[p]));
        var deviations = places.Select((p, i) => Math.Sqrt(rows.Sum(r => r.Weight * Math.Pow(r.Figures[p] - means[i], 2)))).ToArray();
        var n = places.Length;
        var covariance = new double[n, n];
        foreach (var (figures, weight) in rows)
        {
            var scaled = places.Select((p, i) => (figures[p] - means[i]) / deviations[i]).ToArray();
            for (var i = 0; i < n; i++)
            {
                for (var j = 0; j < n; j++)
                {
                    covariance[i, j] += (1 - Shrinkage) * weight * scaled[i] * scaled[j];
                }
            }
        }

        for (var i = 0; i < n; i++)
        {
            covariance[i, i] += Shrinkage;
        }

        return new ShiftCard
        {
            Description =
                "How far a field lies from what the students learned: Mahalanobis distance of its figures, of the picture and of the network's answers.",
            Data = [],
            Inputs = [.. _chosen.Select((name, i) => new ScaledFigure(name, Round(means[i]), Round(deviations[i])))],
            Precision = [.. LinearSystem.Inverse(covariance, 1.0 / n).Select(row => Array.ConvertAll(row, Round))],
            Threshold = 1,
            HeldOut = [],
        };
    }

    private static double Round(double value) => Math.Round(value, 5);
}
