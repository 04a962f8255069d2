using HoverFast.Pipeline;

namespace HoverFast.Server.Jobs;

/// <summary>How far a job is.</summary>
/// <param name="Id">The job.</param>
/// <param name="Slide">Tiles and nuclei.</param>
/// <param name="Elapsed">Since it began, or went on.</param>
internal sealed record JobProgress(long Id, SlideProgress Slide, TimeSpan Elapsed)
{
    /// <summary>Tiles a second, those of an earlier run left out; null before the first.</summary>
    public double? TilesPerSecond => Slide.TilesDone - Slide.TilesResumed is > 0 and var done ? done / Math.Max(Elapsed.TotalSeconds, 0.001) : null;

    /// <summary>Seconds left; null before the first tile.</summary>
    public double? SecondsLeft => TilesPerSecond is { } rate ? (Slide.TileCount - Slide.TilesDone) / rate : null;
}
