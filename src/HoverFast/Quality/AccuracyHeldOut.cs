namespace HoverFast.Quality;

/// <summary>How well estimated accuracy holds on pictures of sets that were left out of the fit.</summary>
internal sealed record AccuracyHeldOut
{
    /// <summary>The pictures: a set, or "all"; as they are, or made worse too.</summary>
    public required string Pictures { get; init; }

    /// <summary>How many.</summary>
    public required int Count { get; init; }

    /// <summary>Rank correlation of estimated and true PQ.</summary>
    public required double Spearman { get; init; }

    /// <summary>Mean difference of estimated and true PQ, without sign.</summary>
    public required double PqError { get; init; }

    /// <summary>The same for Dice.</summary>
    public required double DiceError { get; init; }

    /// <summary>Share of the true PQs in their interval.</summary>
    public required double Coverage { get; init; }
}
