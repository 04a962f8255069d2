namespace HoverFast.Quality;

/// <summary>The numbers by which accuracy is estimated without labels: one linear regression each for PQ and Dice, with how well they hold.</summary>
internal sealed record AccuracyCard
{
    /// <summary>What it is for, in words.</summary>
    public required string Description { get; init; }

    /// <summary>The data that it was fitted to.</summary>
    public required IReadOnlyList<string> Data { get; init; }

    /// <summary>The figures that count (<see cref="FieldFeatures"/>).</summary>
    public required IReadOnlyList<AccuracyInput> Inputs { get; init; }

    /// <summary>How many standard deviations from the mean a figure counts at most.</summary>
    public required double Limit { get; init; }

    /// <summary>Constant of the regression of PQ.</summary>
    public required double PqConstant { get; init; }

    /// <summary>Constant of the regression of Dice.</summary>
    public required double DiceConstant { get; init; }

    /// <summary>What the true PQ of left-out pictures is above the estimated one, at the 10th percentile: a negative number.</summary>
    public required double PqBelow { get; init; }

    /// <summary>The same at the 90th percentile.</summary>
    public required double PqAbove { get; init; }

    /// <summary>How well it holds on sets that were left out.</summary>
    public required IReadOnlyList<AccuracyHeldOut> HeldOut { get; init; }
}
