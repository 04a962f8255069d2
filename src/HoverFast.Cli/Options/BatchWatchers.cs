using HoverFast.Cluster.Batches;

namespace HoverFast.Cli.Options;

/// <summary>The watchers of one batch.</summary>
/// <param name="all">The watchers; disposed with this.</param>
/// <param name="isQuiet">Whether standard error is theirs, and people are told nothing there.</param>
/// <param name="export">Sends what the watchers measured; disposed with this, after them.</param>
internal sealed class BatchWatchers(IReadOnlyList<IBatchWatcher> all, bool isQuiet, IDisposable? export = null) : IDisposable
{
    /// <summary>None.</summary>
    public static BatchWatchers None => new([], isQuiet: false);

    /// <summary>The watchers.</summary>
    public IReadOnlyList<IBatchWatcher> All { get; } = all;

    /// <summary>Whether standard error is theirs.</summary>
    public bool IsQuiet { get; } = isQuiet;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var watcher in All)
        {
            watcher.Dispose();
        }

        export?.Dispose();
    }
}
