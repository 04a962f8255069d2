using HoverFast.Model;

namespace HoverFast.Nuclei;

/// <summary>How the pixels of a nucleus vote for its type.</summary>
/// <param name="LeastShare">Share of the votes that the type needs, 0 to 1.</param>
/// <param name="Other">The type of nuclei whose first type has less.</param>
internal readonly record struct TypeRule(double LeastShare, int Other)
{
    /// <summary>The rule of a model.</summary>
    public static TypeRule Of(ModelCard card) => new(card.TypeShare ?? 0, (card.Types?.Count ?? 1) - 1);

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
}
