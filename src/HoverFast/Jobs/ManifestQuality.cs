using HoverFast.Quality;

namespace HoverFast.Jobs;

/// <summary>How far a result is to be trusted, estimated without labels (docs/trust.md). Evidence for a quality system, no promise.</summary>
public sealed record ManifestQuality
{
    /// <summary>Expected panoptic quality, 0 to 1; null where there is no tissue.</summary>
    public double? ExpectedPq { get; init; }

    /// <summary>Lower end of its 80 % interval.</summary>
    public double? ExpectedPqLow { get; init; }

    /// <summary>Upper end of its 80 % interval.</summary>
    public double? ExpectedPqHigh { get; init; }

    /// <summary>Expected Dice coefficient of the foreground, 0 to 1.</summary>
    public double? ExpectedDice { get; init; }

    /// <summary>How far the slide lies from what the students learned; 1 is as far as 5 in 100 good slides lie.</summary>
    public double? Shift { get; init; }

    /// <summary>What to do: trust, look, adapt or refuse.</summary>
    public string Advice { get; init; } = "";

    /// <summary>How the slide differs, in words.</summary>
    public IReadOnlyList<string> Differences { get; init; } = [];

    /// <summary>
    /// How far the 8 x 8 blocks of JPEG stand out: near 0 without, 3.2 and more where a slide is strongly compressed; null where it is unknown.
    /// </summary>
    public double? Blocking { get; init; }

    /// <summary>Figures to keep watch over from slide to slide, by name; <c>hoverfast drift</c> charts them.</summary>
    public IReadOnlyDictionary<string, double> Figures { get; init; } = new Dictionary<string, double>(StringComparer.Ordinal);

    internal static ManifestQuality Of(SlideQuality quality) => new()
    {
        ExpectedPq = quality.ExpectedPq,
        ExpectedPqLow = quality.ExpectedPqLow,
        ExpectedPqHigh = quality.ExpectedPqHigh,
        ExpectedDice = quality.ExpectedDice,
        Shift = quality.Shift,
        Advice = quality.Advice.ToString().ToLowerInvariant(),
        Differences = quality.Differences,
        Blocking = quality.Blocking,
        Figures = quality.Figures,
    };
}
