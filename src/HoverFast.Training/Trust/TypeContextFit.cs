using HoverFast.Evaluation;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Training.Data;
using HoverFast.Training.Optimisation;

namespace HoverFast.Training.Trust;

/// <summary>
/// Fits how a nucleus's own votes and those around it make its type: each type against all others, by the nuclei that a model finds within 3 um of a true one
/// of known type. All sets count the same.
/// </summary>
internal static class TypeContextFit
{
    private const double Radius = 15;

    /// <summary>Of the ridge; each set counts for its nuclei's mean number.</summary>
    private const double Ridge = 1;

    /// <summary>Fits.</summary>
    /// <param name="model">The model, with types of its own.</param>
    /// <param name="sets">Images with types.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Null where no nucleus of known type is found.</returns>
    public static TypeContext? Of(NucleusModel model, IReadOnlyList<DataSet> sets, CancellationToken cancellation = default)
    {
        var count = model.Card.Types!.Count - 1;
        var even = new TypeContext { Radius = Radius, Weights = [.. Enumerable.Repeat(new double[TypeContext.WeightsEach(count)], count)] };
        var rule = TypeRule.Of(model.Card with { TypeContext = even }) with { KeepsInputs = true };
        var seen = sets.Select(s => s.Images.Where(i => i.Types.Count > 0).SelectMany(i => Nuclei(model, i, rule, cancellation)).ToList())
            .Where(s => s.Count > 0)
            .ToList();
        if (seen.Count == 0)
        {
            return null;
        }

        var each = seen.Average(s => s.Count);
        var rows = seen.SelectMany(s => s.Select(n => n.Inputs)).ToList();
        var weights = seen.SelectMany(s => s.Select(_ => each / s.Count)).ToList();
        return even with
        {
            Weights =
            [
                .. Enumerable.Range(1, count).Select(type => LogisticFit
                    .Fit(rows, [.. seen.SelectMany(s => s.Select(n => n.Type == type))], weights, Ridge)
                    .Select(w => Math.Round(w, 4)).ToArray()),
            ],
        };
    }

    private static IEnumerable<(double[] Inputs, int Type)> Nuclei(NucleusModel model, LabelledImage image, TypeRule rule, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var found = Validation.Find(model, image, rule).Where(n => n.TypeInputs is not null).ToList();
        var truth = image.TypedNuclei;
        var partners = CentroidMatching.Partners(
            [.. truth.Select(t => t.Centroid)],
            [.. found.Select(n => n.Centroid)],
            TypeAgreement.Radius / image.Mpp.MicronsPerPixel);
        return found.Index().Where(n => partners[n.Index] >= 0 && truth[partners[n.Index]].Type > 0)
            .Select(n => (n.Item.TypeInputs!, truth[partners[n.Index]].Type));
    }
}
