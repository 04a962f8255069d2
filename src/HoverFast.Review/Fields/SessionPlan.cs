namespace HoverFast.Review.Fields;

/// <summary>What fields are wanted.</summary>
public sealed record SessionPlan
{
    /// <summary>Microns around a field in which nuclei are shown and may be changed: a nucleus's centroid may be moved into the field or out of it.</summary>
    public const double Margin = 20;

    /// <summary>Smallest and largest side of a field in um.</summary>
    public const double SmallestSide = 20;

    /// <inheritdoc cref="SmallestSide"/>
    public const double LargestSide = 1000;

    /// <summary>Most fields of a session.</summary>
    public const int MostFields = 1000;

    /// <summary>How they are chosen.</summary>
    public FieldChoice Choice { get; init; }

    /// <summary>How many.</summary>
    public int Fields { get; init; } = 12;

    /// <summary>Side of a field in um.</summary>
    public double Side { get; init; } = 100;

    /// <summary>Which draw: the same number on the same results draws the same fields.</summary>
    public int Seed { get; init; }

    /// <summary>Who asks for them.</summary>
    public required string Who { get; init; }

    /// <summary>Names of the results to draw from; empty for all.</summary>
    public IReadOnlyList<string> Slides { get; init; } = [];
}
