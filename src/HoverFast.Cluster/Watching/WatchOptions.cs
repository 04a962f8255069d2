namespace HoverFast.Cluster.Watching;

/// <summary>How a folder is watched.</summary>
public sealed record WatchOptions
{
    /// <summary>Time between two looks; above zero.</summary>
    public TimeSpan Every { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long sizes and times of all files of a slide must stay as they are before it counts as whole.</summary>
    public TimeSpan Rest { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// How often a slide is tried that fails for a reason which may pass; at least 1. One that is damaged is tried again when its files change.
    /// </summary>
    public int Attempts { get; init; } = 3;

    /// <summary>Whether to end when nothing is left to do or to wait for.</summary>
    public bool Once { get; init; }

    /// <summary>A program that is run after each slide, or null: see <see cref="EndNotice"/>.</summary>
    public string? Program { get; init; }

    /// <summary>An http or https address to which each slide's end is posted as JSON, or null.</summary>
    public Uri? Address { get; init; }
}
