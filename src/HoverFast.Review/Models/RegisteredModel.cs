namespace HoverFast.Review.Models;

/// <summary>A model of the registry.</summary>
public sealed record RegisteredModel
{
    /// <summary>Its number in the registry, from 1; results name it as the model's version.</summary>
    public required int Version { get; init; }

    /// <summary>Where it stands.</summary>
    public required ModelState State { get; init; }

    /// <summary>The model that new results are made with: 8-bit integers.</summary>
    public required string Path { get; init; }

    /// <summary>The same in float32, which the next one begins with.</summary>
    public required string Float32Path { get; init; }

    /// <summary>The page with pictures of what changed.</summary>
    public required string ReportPath { get; init; }

    /// <summary>Version of the registry's model that it began with, or null.</summary>
    public int? Parent { get; init; }

    /// <summary>Name of the model that it began with.</summary>
    public required string ParentName { get; init; }

    /// <summary>The reviewed fields that it learned from.</summary>
    public required IReadOnlyList<string> Fields { get; init; }

    /// <summary>How it scored; the first is the reviewed fields.</summary>
    public required IReadOnlyList<RegisteredScore> Scores { get; init; }

    /// <summary>Who had it made.</summary>
    public required string Who { get; init; }

    /// <summary>When, in UTC.</summary>
    public required DateTimeOffset When { get; init; }

    /// <summary>Who promoted it last, or null.</summary>
    public string? PromotedBy { get; init; }

    /// <summary>When, or null.</summary>
    public DateTimeOffset? PromotedWhen { get; init; }
}
