namespace HoverFast.Jobs;

/// <summary>What a result took.</summary>
public sealed record ManifestEffort
{
    /// <summary>Wall-clock seconds.</summary>
    public required double Seconds { get; init; }

    /// <summary>Seconds per stage, summed over threads.</summary>
    public required IReadOnlyDictionary<string, double> StageSeconds { get; init; }

    /// <summary>Threads that could be busy at once.</summary>
    public required int Threads { get; init; }

    /// <summary>Where the network ran.</summary>
    public string Device { get; init => field = value ?? "cpu"; } = "cpu";

    /// <summary>What chose the threads and the tile size, where a measurement of the machine did.</summary>
    public string? Tuning { get; init; }

    /// <summary>The most memory that the process has held.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>Million full-resolution pixels of tissue per second.</summary>
    public required double MegapixelsPerSecond { get; init; }
}
