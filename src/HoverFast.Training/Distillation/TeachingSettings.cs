using HoverFast.Slides;

namespace HoverFast.Training.Distillation;

/// <summary>How a teaching set is made.</summary>
internal sealed record TeachingSettings
{
    /// <summary>Tiles wanted from each slide.</summary>
    public int TilesPerSlide { get; init; } = 16;

    /// <summary>Side of a tile in pixels of the teacher's mpp.</summary>
    public int TileSide { get; init; } = 512;

    /// <summary>Share of the slides whose tiles are kept for testing.</summary>
    public double TestShare { get; init; } = 0.1;

    /// <summary>Another seed gives other tiles and another split.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Tissue masks, one picture a slide, or null to look for tissue.</summary>
    public string? MaskFolder { get; init; }

    /// <summary>Threads.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Settles pixel sizes.</summary>
    public SlideCalibrator Calibrator { get; init; } = new();
}
