using HoverFast.Files.Chains;

namespace HoverFast.Jobs;

/// <summary>
/// The audit log of a results folder, for what is done to results after they were made: where a folder has one, edits, models that were added, promotions and
/// signatures are written down there too.
/// </summary>
internal static class AuditLog
{
    /// <summary>Begins to write, before the deed: a log whose chain doesn't hold stops it. Null where the folder keeps none.</summary>
    /// <param name="results">The folder of results.</param>
    /// <exception cref="BrokenLogException">The chain doesn't hold.</exception>
    public static ChainedWriter? BeginIn(string results) =>
        Path.Combine(results, AuditEntry.FileName) is var path && File.Exists(path) ? ChainedFile.Begin(path) : null;

    /// <summary>Holds files that entries name (<see cref="AuditEntry.Files"/>) against the last hash that the log has of each.</summary>
    /// <param name="folder">The log's folder.</param>
    /// <param name="entries">The entries.</param>
    /// <returns>What doesn't hold, in sentences.</returns>
    public static IEnumerable<string> CheckFiles(string folder, IEnumerable<AuditEntry> entries)
    {
        var named = entries.SelectMany(e => (e.Files ?? new Dictionary<string, string>()).Select(f => (f.Key, Hash: f.Value, e.What)));
        foreach (var (path, hash, what) in named.GroupBy(f => f.Key, StringComparer.Ordinal).Select(g => g.Last()))
        {
            var file = Path.Combine(folder, path);
            if (!File.Exists(file))
            {
                yield return $"{path}: is missing; {AuditEntry.FileName} names it ({what}).";
            }
            else if (ResultVerification.HashOf(file) != hash)
            {
                yield return $"{path}: is not the one that {AuditEntry.FileName} names ({what}): it was changed, or made without that log.";
            }
        }
    }

    /// <summary>Holds entries that name another log's entry (<see cref="AuditEntry.Log"/>) against that log.</summary>
    /// <param name="results">The folder of results.</param>
    /// <param name="entries">The entries.</param>
    /// <returns>What doesn't hold, in sentences.</returns>
    public static IEnumerable<string> Check(string results, IEnumerable<AuditEntry> entries)
    {
        foreach (var log in entries.Where(e => e.Log is not null).GroupBy(e => e.Log!, StringComparer.Ordinal))
        {
            IReadOnlyList<string> hashes = [];
            string? problem = null;
            try
            {
                hashes = ChainedFile.Read(Path.Combine(results, log.Key)).Hashes;
            }
            catch (BrokenLogException e)
            {
                problem = $"{log.Key}: {e.Problem}";
            }
            catch (IOException)
            {
                problem = $"{log.Key}: is missing or can't be read; {AuditEntry.FileName} names it.";
            }

            var other = log.FirstOrDefault(e => e.Number is not { } n || n < 1 || n > hashes.Count || hashes[(int)n - 1] != e.Sha256);
            if (problem is not null || other is not null)
            {
                yield return problem ?? $"{log.Key}: entry {other!.Number} ({other.What}) is not the one that {AuditEntry.FileName} names.";
            }
        }
    }
}
