namespace HoverFast.Cluster.Watching;

/// <summary>What became of a slide that came into a watched folder.</summary>
internal sealed record WatchedSlide
{
    /// <summary>The file that is opened.</summary>
    public required string Path { get; init; }

    /// <summary>Name of its results: once given, it stays, whatever comes later.</summary>
    public required string Name { get; init; }

    /// <summary>Count, bytes and latest change of its files when it was segmented.</summary>
    public required string Signature { get; init; }

    /// <summary>When it ended, in UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Nuclei found; null where it failed.</summary>
    public long? Nuclei { get; init; }

    /// <summary>Why it failed; null where it did not.</summary>
    public string? Error { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>Whether it is not tried again with these files.</summary>
    public bool IsSettled { get; init; } = true;

    /// <summary>Whether those who want to know of its end have been told.</summary>
    public bool IsTold { get; init; }
}
