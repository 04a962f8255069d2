using HoverFast.Pipeline;

namespace HoverFast.Jobs.Finished;

/// <summary>What of finished results is segmented again (<see cref="ResultRerun"/>).</summary>
public sealed record RerunOptions
{
    /// <summary>Tiles of each result; results of fewer are segmented whole.</summary>
    public required int Tiles { get; init; }

    /// <summary>Chooses the tiles: the same seed takes the same ones.</summary>
    public int Seed { get; init; }

    /// <summary>Files and folders (at any depth) of slides; null for the folder of results and the one above it, without those below.</summary>
    public IReadOnlyList<string>? Slides { get; init; }

    /// <summary>Name or path of the model; null for the built-in one that a result names.</summary>
    public string? Model { get; init; }

    /// <summary>Threads that may be busy at once; at least 1.</summary>
    public int Threads { get; init; } = ThreadCount.Available;
}
