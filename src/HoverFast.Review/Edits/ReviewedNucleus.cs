namespace HoverFast.Review.Edits;

/// <summary>A nucleus as the review has it now.</summary>
public sealed record ReviewedNucleus
{
    /// <summary>Its identity, the same in all files.</summary>
    public required Guid Id { get; init; }

    /// <summary>Open ring x0, y0, x1, y1, ... in full-resolution pixels from the corner of the slide's bounds.</summary>
    public required IReadOnlyList<double> Outline { get; init; }

    /// <summary>Its class, or null.</summary>
    public string? Class { get; init; }

    /// <summary>How sure the model was, 0 to 1; null where that isn't known, or a person drew it.</summary>
    public double? Probability { get; init; }

    /// <summary>Number of the entry that changed it last; 0 where it is as the model left it.</summary>
    public required long Version { get; init; }

    /// <summary>Whether its centroid lies in the field that was asked for, so that it belongs to it; else it only reaches into it or lies beside it.</summary>
    public bool IsInField { get; init; }
}
