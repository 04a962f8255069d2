namespace HoverFast.Nuclei;

/// <summary>A nucleus as every output has it, for programs that take nuclei one by one.</summary>
public sealed record DetectedNucleus
{
    /// <summary>The object's identity: the same in every output, and in every repetition of the run.</summary>
    public required Guid Id { get; init; }

    /// <summary>The outline: an open ring of at least three points that neither crosses nor touches itself, to a hundredth of a pixel.</summary>
    public required IReadOnlyList<SlidePoint> Outline { get; init; }

    /// <summary>Centroid of the outline's area.</summary>
    public required SlidePoint Centroid { get; init; }

    /// <summary>Area in square microns.</summary>
    public required double Area { get; init; }

    /// <summary>Mean nucleus probability of its pixels, 0 to 1; not calibrated.</summary>
    public required double Probability { get; init; }

    /// <summary>How sharply the probability falls at the outline, 0 (flat) to 1 (a step).</summary>
    public required double BoundaryConfidence { get; init; }

    /// <summary>Calibrated chance that a person's outline matches this one (IoU above 0.5), 0 to 1; null where it was not judged.</summary>
    public double? MatchProbability { get; init; }

    /// <summary>Its type, where the model knows types; else null.</summary>
    public string? Type { get; init; }

    /// <summary>
    /// Probability of its type; of models whose card doesn't say how that is made, the share of its pixels that have the type which most of them have. 0 to 1;
    /// null where the model doesn't know types.
    /// </summary>
    public double? TypeProbability { get; init; }

    /// <summary>Measurements by the names that QuPath shows; empty where none are asked for. What can't be told is left out.</summary>
    public required IReadOnlyDictionary<string, double> Measurements { get; init; }
}
