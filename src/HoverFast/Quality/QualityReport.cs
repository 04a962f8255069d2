namespace HoverFast.Quality;

/// <summary>The quality of a slide and of its fields, as <c>NAME.quality.json</c> holds it.</summary>
internal sealed record QualityReport
{
    /// <summary>Name and version of this layout.</summary>
    public string Format { get; init; } = "hoverfast-quality/1";

    /// <summary>The whole slide.</summary>
    public required SlideQuality Slide { get; init; }

    /// <summary>Microns on a side of a field.</summary>
    public double FieldMicrons { get; init; } = FieldSums.Side;

    /// <summary>Its fields by rows, without those that hold hardly any tissue.</summary>
    public required IReadOnlyList<FieldQuality> Fields { get; init; }
}
