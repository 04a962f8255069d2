using System.Text.Json;
using HoverFast.Files.Chains;

namespace HoverFast.Review.Logs;

/// <summary>What a look at a whole log found.</summary>
/// <param name="Path">The log.</param>
/// <param name="Entries">Entries that hold.</param>
/// <param name="Head">Hash of the last of them.</param>
/// <param name="Problem">What is wrong, or null.</param>
/// <param name="Hashes">Hashes of all entries that hold.</param>
internal sealed record LogCheck(string Path, long Entries, string Head, string? Problem, IReadOnlyList<string> Hashes)
{
    /// <summary>Reads a log from its start and holds it against its head.</summary>
    /// <param name="path">The log.</param>
    public static LogCheck Of(string path)
    {
        var log = new ChainedLog<JsonElement>(path, JsonSerializerOptions.Default);
        string? problem = null;
        try
        {
            log.Refresh();
        }
        catch (BrokenLogException e)
        {
            problem = e.Problem;
        }

        var head = LogHead.TryRead(path);
        problem ??= log.Unfinished > 0 ? $"the last line is cut off after entry {log.Entries.Count}. It was never confirmed; the next edit takes it away."
            : null;
        problem ??= head is null && log.Entries.Count > 0
            ? $"{LogHead.PathFor(path)} is missing or unreadable, so that nobody can tell whether the end was cut off." : null;
        problem ??= head is not null && head.Count > log.Entries.Count ? $"{head.Count - log.Entries.Count} entries are missing at its end." : null;
        problem ??= head is { Count: > 0 } && log.HashOf(head.Count) != head.Hash
            ? $"entry {head.Count} is not the one that was written: the log was made anew." : null;
        return new LogCheck(path, log.Entries.Count, log.Head, problem, [.. Enumerable.Range(1, log.Entries.Count).Select(n => log.HashOf(n))]);
    }
}
