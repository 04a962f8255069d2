namespace HoverFast.Quality;

/// <summary>The numbers of <see cref="MatchCalibration"/>, with where they come from and how well they hold.</summary>
internal sealed record MatchCard
{
    /// <summary>The file that holds it.</summary>
    public const string FileName = "match-calibration.json";

    /// <summary>What it is for, in words.</summary>
    public required string Description { get; init; }

    /// <summary>The models that it was fitted to.</summary>
    public required IReadOnlyList<string> Models { get; init; }

    /// <summary>The data that it was fitted to, with licences.</summary>
    public required IReadOnlyList<string> Data { get; init; }

    /// <summary>The evidence that counts.</summary>
    public required IReadOnlyList<MatchInput> Inputs { get; init; }

    /// <summary>How many standard deviations from the mean evidence counts at most.</summary>
    public required double Limit { get; init; }

    /// <summary>The constant of the regression.</summary>
    public required double Constant { get; init; }

    /// <summary>What is added to the constant for a model.</summary>
    public required IReadOnlyDictionary<string, double> Offsets { get; init; }

    /// <summary>How well it holds on sets that it was not fitted to (each set in turn is left out), on pictures as they are.</summary>
    public required IReadOnlyList<MatchReliability> Reliability { get; init; }
}
