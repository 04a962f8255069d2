using HoverFast.Pipeline;

namespace HoverFast.Jobs;

/// <summary>What became of one input.</summary>
public sealed record SlideOutcome
{
    /// <summary>The input.</summary>
    public required SlideInput Input { get; init; }

    /// <summary>Whether it was done, kept, or failed.</summary>
    public required SlideState State { get; init; }

    /// <summary>What the run came to; null where none was needed, or where it failed.</summary>
    public SlideReport? Report { get; init; }

    /// <summary>The result as it stands; null where the input failed.</summary>
    public Manifest? Manifest { get; init; }

    /// <summary>
    /// Files of the result that this one replaces, of another model or other settings, which this one doesn't write: they stay, and no manifest names them any
    /// more.
    /// </summary>
    public IReadOnlyList<string> LeftBehind { get; init; } = [];

    /// <summary>Why it failed; null where it did not.</summary>
    public Exception? Error { get; init; }

    /// <summary>Whether finished tiles of a failed input are kept, from which the next run goes on.</summary>
    public bool CanGoOn { get; init; }
}
