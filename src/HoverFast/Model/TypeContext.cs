namespace HoverFast.Model;

/// <summary>
/// How a nucleus's type is made of the network's answers for its own pixels and for the nuclei around it: a logistic regression for each type. Types lie
/// together in tissue, as glands and infiltrates do.
/// </summary>
public sealed record TypeContext
{
    /// <summary>What may lie around a nucleus: a tile's halo reaches so far beyond all of its nuclei, in um.</summary>
    internal const double LargestRadius = 16;

    /// <summary>Half the side of the square around a nucleus's centroid that is looked at, in um; above 0, at most 16.</summary>
    public required double Radius { get; init; }

    /// <summary>
    /// For each type, from the first: the constant; the weight of each type's share of the nucleus's own pixels; that of each type's share of the nucleus pixels
    /// in the square; that of the square's share of nucleus pixels.
    /// </summary>
    public required IReadOnlyList<IReadOnlyList<double>> Weights { get; init; }

    /// <summary>Numbers that each type needs.</summary>
    /// <param name="types">Types without the background.</param>
    internal static int WeightsEach(int types) => 2 + (2 * types);

    /// <summary>The inputs of a nucleus, in the order of <see cref="Weights"/>, without the constant.</summary>
    /// <param name="votes">Its own pixels by type; type 0 is background.</param>
    /// <param name="around">Nucleus pixels in the square by type, from the first one; those of the nucleus too.</param>
    /// <param name="pixels">All pixels of the square.</param>
    /// <param name="inputs">Gets them.</param>
    internal static void Inputs(ReadOnlySpan<int> votes, ReadOnlySpan<int> around, int pixels, Span<double> inputs)
    {
        var types = around.Length;
        double own = 0, all = 0;
        for (var t = 0; t < types; t++)
        {
            own += votes[t + 1];
            all += around[t];
        }

        for (var t = 0; t < types; t++)
        {
            inputs[t] = own == 0 ? 0 : votes[t + 1] / own;
            inputs[types + t] = all == 0 ? 0 : around[t] / all;
        }

        inputs[2 * types] = pixels == 0 ? 0 : all / pixels;
    }

    /// <summary>How probable each type is, not yet summing up to 1.</summary>
    /// <param name="inputs">What <see cref="Inputs"/> gives.</param>
    /// <param name="type">Number of the type, from 0 for the first.</param>
    internal double Chance(ReadOnlySpan<double> inputs, int type)
    {
        var weights = Weights[type];
        var sum = weights[0];
        for (var i = 0; i < inputs.Length; i++)
        {
            sum += weights[i + 1] * inputs[i];
        }

        return 1 / (1 + Math.Exp(-sum));
    }
}
