using HoverFast.Pipeline;

namespace HoverFast.Server.Jobs;

/// <summary>How far a job is.</summary>
internal sealed record JobProgress
{
    /// <summary>Tiles done; 0 where tiles aren't told.</summary>
    public int TilesDone { get; init; }

    /// <summary>Tiles to do; 0 where tiles aren't told.</summary>
    public int TileCount { get; init; }

    /// <summary>Of those done, the ones that an earlier run had finished.</summary>
    public int TilesResumed { get; init; }

    /// <summary>Nuclei found.</summary>
    public long Nuclei { get; init; }

    /// <summary>Tiles a second, those of an earlier run left out; null before the first.</summary>
    public double? TilesPerSecond { get; init; }

    /// <summary>Seconds left; null where that can't be told yet.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>The cluster's number of the job, and the machine that is at it; null on this machine.</summary>
    public string? Place { get; init; }

    /// <summary>How fast the cluster gets through the server's jobs; null on this machine.</summary>
    public JobPace? Batch { get; init; }

    /// <summary>That of a slide which this machine segments.</summary>
    /// <param name="slide">Tiles and nuclei.</param>
    /// <param name="elapsed">Since it began, or went on.</param>
    public static JobProgress Of(SlideProgress slide, TimeSpan elapsed)
    {
        double? rate = slide.TilesDone - slide.TilesResumed is > 0 and var done ? done / Math.Max(elapsed.TotalSeconds, 0.001) : null;
        return new JobProgress
        {
            TilesDone = slide.TilesDone,
            TileCount = slide.TileCount,
            TilesResumed = slide.TilesResumed,
            Nuclei = slide.Nuclei,
            TilesPerSecond = rate,
            SecondsLeft = (slide.TileCount - slide.TilesDone) / rate,
        };
    }
}
