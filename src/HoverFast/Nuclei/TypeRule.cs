using HoverFast.Model;

namespace HoverFast.Nuclei;

/// <summary>How a nucleus comes by its type.</summary>
/// <param name="LeastShare">Share of the votes, or probability, that the type needs, 0 to 1.</param>
/// <param name="Other">The type of nuclei whose first type has less.</param>
/// <param name="Context">How what lies around a nucleus counts; null where its own pixels alone vote.</param>
internal sealed record TypeRule(double LeastShare, int Other, TypeContext? Context = null)
{
    /// <summary>Whether nuclei keep what their type is made of.</summary>
    public bool KeepsInputs { get; init; }

    /// <summary>The rule of a model.</summary>
    public static TypeRule Of(ModelCard card) => new(card.TypeShare ?? 0, (card.Types?.Count ?? 1) - 1, card.TypeContext);

    /// <summary>The type with the most votes, the background's left aside, and its share of them.</summary>
    /// <param name="votes">Pixels by type; type 0 is background.</param>
    /// <returns>The type, 0 for none; and the share of the type with the most votes.</returns>
    public (int Type, float Share) Of(ReadOnlySpan<int> votes)
    {
        var (first, all) = (0, 0);
        for (var type = 1; type < votes.Length; type++)
        {
            all += votes[type];
            first = votes[type] > (first == 0 ? 0 : votes[first]) ? type : first;
        }

        if (all == 0)
        {
            return (0, 0);
        }

        return (votes[first] < LeastShare * all ? Other : first, votes[first] / (float)all);
    }

    /// <summary>The most probable type by its own votes and by what lies around, and its probability.</summary>
    /// <param name="votes">Pixels by type; type 0 is background.</param>
    /// <param name="around">Nucleus pixels around by type, from the first one.</param>
    /// <param name="pixels">All pixels around.</param>
    /// <returns>The type, 0 for none; the probability of the most probable one, 0 to 1; and the inputs, where they are kept.</returns>
    public (int Type, float Probability, double[]? Inputs) Of(ReadOnlySpan<int> votes, ReadOnlySpan<int> around, int pixels)
    {
        if (votes.IsEmpty || !votes[1..].ContainsAnyExcept(0))
        {
            return default;
        }

        Span<double> inputs = stackalloc double[TypeContext.WeightsEach(around.Length) - 1];
        TypeContext.Inputs(votes, around, pixels, inputs);
        var (first, most, sum) = (0, 0.0, 0.0);
        for (var t = 0; t < around.Length; t++)
        {
            var chance = Context!.Chance(inputs, t);
            sum += chance;
            (first, most) = chance > most ? (t + 1, chance) : (first, most);
        }

        var probability = (float)(most / sum);
        return (probability < LeastShare ? Other : first, probability, KeepsInputs ? inputs.ToArray() : null);
    }
}
