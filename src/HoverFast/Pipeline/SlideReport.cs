using HoverFast.Model;
using HoverFast.Quality;
using HoverFast.Slides;

namespace HoverFast.Pipeline;

/// <summary>What a finished slide came to.</summary>
public sealed record SlideReport
{
    /// <summary>Nuclei found.</summary>
    public required long Nuclei { get; init; }

    /// <summary>Tissue searched, in square millimetres.</summary>
    public required double TissueArea { get; init; }

    /// <summary>Full-resolution pixels of that tissue.</summary>
    public required double TissuePixels { get; init; }

    /// <summary>Tiles searched.</summary>
    public required int Tiles { get; init; }

    /// <summary>Tiles that were taken from the journal of an interrupted run.</summary>
    public required int TilesResumed { get; init; }

    /// <summary>Median area of the nuclei in square microns; null where there are none.</summary>
    public required double? MedianNucleusArea { get; init; }

    /// <summary>Level-0 regions that could not be decoded and were taken as blank.</summary>
    public required IReadOnlyList<PixelRect> CorruptRegions { get; init; }

    /// <summary>What the user should know.</summary>
    public required IReadOnlyList<SlideWarning> Warnings { get; init; }

    /// <summary>Wall-clock seconds from opening to the last byte.</summary>
    public required double Seconds { get; init; }

    /// <summary>Processor seconds per stage, summed over threads (on Linux; elsewhere wall-clock seconds).</summary>
    public required IReadOnlyDictionary<Stage, double> StageSeconds { get; init; }

    /// <summary>What was left out because of artefacts; null where that was not asked for.</summary>
    internal LeftOut? LeftOut { get; init; }

    /// <summary>How far the result is to be trusted.</summary>
    internal SlideQuality? Quality { get; init; }

    /// <summary>Whether tiles were left out because a time budget was spent.</summary>
    internal bool IsPart { get; init; }

    /// <summary>Where the network ran.</summary>
    public ComputeDevice Device { get; init; }

    /// <summary>The most memory that the process has held so far, in bytes.</summary>
    public required long PeakMemory { get; init; }

    /// <summary>Square millimetres of tissue per second.</summary>
    public double AreaPerSecond => Seconds > 0 ? TissueArea / Seconds : 0;

    /// <summary>Million full-resolution pixels of tissue per second.</summary>
    public double MegapixelsPerSecond => Seconds > 0 ? TissuePixels / Seconds * 1e-6 : 0;
}
