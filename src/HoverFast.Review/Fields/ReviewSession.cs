namespace HoverFast.Review.Fields;

/// <summary>A set of fields that were drawn together.</summary>
public sealed record ReviewSession
{
    internal const string Layout = "hoverfast-review/1";

    /// <summary>Name and version of the file's layout.</summary>
    public string Format { get; init; } = Layout;

    /// <summary>Its name, for example "random-1".</summary>
    public required string Id { get; init; }

    /// <summary>How the fields were chosen.</summary>
    public required FieldChoice Choice { get; init; }

    /// <summary>Which draw.</summary>
    public required int Seed { get; init; }

    /// <summary>Side of a field in um.</summary>
    public required double Side { get; init; }

    /// <summary>When it was made, in UTC.</summary>
    public required DateTimeOffset When { get; init; }

    /// <summary>Who made it.</summary>
    public required string Who { get; init; }

    /// <summary>Fields that there were to draw from.</summary>
    public required int Population { get; init; }

    /// <summary>Tissue that they cover, mm2.</summary>
    public required double Tissue { get; init; }

    /// <summary>The fields, in the order in which they are reviewed.</summary>
    public required IReadOnlyList<ReviewField> Fields { get; init; }
}
