namespace HoverFast.Jobs;

/// <summary>What was found.</summary>
public sealed record ManifestCounts
{
    /// <summary>Nuclei in the outputs.</summary>
    public required long Nuclei { get; init; }

    /// <summary>Nuclei by type, where the model knows types; else null.</summary>
    public IReadOnlyDictionary<string, long>? Types { get; init; }

    /// <summary>Outlines that were invalid after rounding and were mended.</summary>
    public required long MendedOutlines { get; init; }

    /// <summary>Nuclei left out because no valid outline remained.</summary>
    public required long DroppedNuclei { get; init; }

    /// <summary>Median area of the nuclei in square microns, or null.</summary>
    public double? MedianNucleusArea { get; init; }

    /// <summary>Tissue searched, in square millimetres.</summary>
    public required double TissueArea { get; init; }

    /// <summary>Tiles searched.</summary>
    public required int Tiles { get; init; }

    /// <summary>Tiles taken from the journal of an interrupted run.</summary>
    public required int TilesResumed { get; init; }
}
