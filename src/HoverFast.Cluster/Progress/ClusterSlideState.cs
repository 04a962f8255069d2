namespace HoverFast.Cluster.Progress;

/// <summary>A slide of a plan, and what has happened to it.</summary>
public sealed record ClusterSlideState
{
    /// <summary>The name of its result.</summary>
    public required string Name { get; init; }

    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Bytes of its files.</summary>
    public required long Bytes { get; init; }

    /// <summary>Core seconds that it should take.</summary>
    public required double ExpectedCoreSeconds { get; init; }

    /// <summary>The jobs that were to do it, as Slurm calls job and task; jobs that were not submitted are left out.</summary>
    public required IReadOnlyList<(string Job, int Task)> Tasks { get; init; }

    /// <summary>How far it is.</summary>
    public required SlideProgressState State { get; init; }

    /// <summary>How often it was begun.</summary>
    public required int Attempts { get; init; }

    /// <summary>Why it failed; null where it did not.</summary>
    public string? Error { get; init; }

    /// <summary>Where it was done last, or is being done.</summary>
    public string? Host { get; init; }

    /// <summary>Wall-clock seconds of the run that did it.</summary>
    public double? Seconds { get; init; }

    /// <summary>Core seconds of the run that did it.</summary>
    public double? CoreSeconds { get; init; }

    /// <summary>Its tissue in mm2, where it was segmented by a job.</summary>
    public double? Tissue { get; init; }

    /// <summary>When a run began it last; null where none did.</summary>
    public DateTimeOffset? Began { get; init; }

    /// <summary>When it was done.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>When runs that have ended were at it; one that was killed is left out, since nothing tells when.</summary>
    internal IReadOnlyList<(DateTimeOffset From, DateTimeOffset To)> UnderWay { get; init; } = [];

    /// <summary>Whether the run that did it went on from tiles of another.</summary>
    public bool WasResumed { get; init; }
}
