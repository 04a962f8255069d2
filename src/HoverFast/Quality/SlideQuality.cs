using System.Globalization;
using System.Text.Json.Serialization;

namespace HoverFast.Quality;

/// <summary>What is to be expected of a slide's result, or of one field's, without any label.</summary>
internal sealed record SlideQuality
{
    /// <summary>Expected panoptic quality; null where there is no tissue.</summary>
    public required double? ExpectedPq { get; init; }

    /// <summary>Lower end of its 80 % interval.</summary>
    public required double? ExpectedPqLow { get; init; }

    /// <summary>Upper end.</summary>
    public required double? ExpectedPqHigh { get; init; }

    /// <summary>Expected Dice coefficient of the foreground.</summary>
    public required double? ExpectedDice { get; init; }

    /// <summary>How far it lies from what the students learned; 1 is as far as 5 in 100 good slides lie.</summary>
    public required double? Shift { get; init; }

    /// <summary>What to do.</summary>
    public required QualityAdvice Advice { get; init; }

    /// <summary>How it differs, in words, the greatest difference first; empty where it does not.</summary>
    public required IReadOnlyList<string> Differences { get; init; }

    /// <summary>How far the blocks of JPEG stand out (<see cref="JpegBlocking"/>); null for a field, and where it was not measured.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Blocking { get; init; }

    /// <summary>Whether the slide is strongly compressed.</summary>
    public bool IsCompressed => Blocking >= JpegBlocking.Strong;

    /// <summary>Figures to keep watch over from slide to slide, by name (<see cref="FieldFeatures"/>); empty where there is no tissue.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    /// <summary>What the user should know, as a sentence; null where there is nothing to say.</summary>
    public string? Warning =>
        Advice switch
        {
            QualityAdvice.Trust => null,
            QualityAdvice.Look when ExpectedPq is null => "Too little tissue was seen to tell what accuracy to expect: look at the outlines.",
            QualityAdvice.Look when Shift is null or <= 1 && !IsCompressed => string.Create(
                CultureInfo.InvariantCulture,
                $"Little accuracy is expected (PQ {ExpectedPq:0.00}): look at the outlines."),
            QualityAdvice.Look => $"The slide differs somewhat from what the model learned{Told}: look at the outlines.",
            QualityAdvice.Adapt =>
                $"The slide differs from what the model learned{Told}: evaluate the model on a few labelled tiles of this kind, or adapt it.",
            _ => $"The slide is nothing that the model knows{Told}: don't use this result.",
        };

    /// <summary>The same of a slide whose blocking was measured: strong compression is to be looked at, however good all else is.</summary>
    /// <param name="blocking">The blocking; null where it could not be measured.</param>
    public SlideQuality WithBlocking(double? blocking)
    {
        var quality = this with { Blocking = blocking is { } value ? Math.Round(value, 2) : null };
        return !quality.IsCompressed
            ? quality
            : quality with
            {
                Advice = Advice == QualityAdvice.Trust ? QualityAdvice.Look : Advice,
                Differences = [.. Differences, "strongly compressed: the blocks of JPEG show"],
            };
    }

    private string Told => Differences.Count == 0 ? "" : $" ({string.Join("; ", Differences)})";
}
