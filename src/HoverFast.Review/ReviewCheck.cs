using HoverFast.Files;
using HoverFast.Files.Chains;
using HoverFast.Review.Edits;
using HoverFast.Review.Fields;
using HoverFast.Review.Logs;

namespace HoverFast.Review;

/// <summary>What a look at a log found.</summary>
/// <param name="Log">The log.</param>
/// <param name="Entries">Entries that hold.</param>
/// <param name="Head">Hash of the last of them: noted elsewhere, it proves later that nothing before it was changed.</param>
/// <param name="Problem">What is wrong; null where nothing is.</param>
public sealed record ReviewCheck(string Log, long Entries, string Head, string? Problem)
{
    internal IReadOnlyList<string> Hashes { get; private init; } = [];

    /// <summary>Looks at a slide's log, and at the files that it has the hashes of.</summary>
    internal static ReviewCheck Of(string path, string folder)
    {
        var check = LogCheck.Of(path);
        return new ReviewCheck(path, check.Entries, check.Head, check.Problem ?? ProblemOfFiles(path, folder)) { Hashes = check.Hashes };
    }

    private static string? ProblemOfFiles(string path, string folder)
    {
        var log = new ChainedLog<ReviewEntry>(path, ReviewEntry.Json);
        try
        {
            log.Refresh();
        }
        catch (BrokenLogException e)
        {
            return e.Problem;
        }

        var slide = log.Entries.Count > 0 ? log.Entries[0].Result?.Slide ?? "" : "";

        // Without its file a session was never finished.
        return log.Entries.Where(e => e.What == EditKind.Fields).Select(e => (e, File: SessionFiles.PathFor(folder, e.Session!)))
            .Where(e => File.Exists(e.File))
            .Select(e => Differs(e.File, e.e.File) ?? Differs(FieldNucleiFile.PathFor(folder, e.e.Session!, slide), e.e.Nuclei))
                .FirstOrDefault(p => p is not null);
    }

    private static string? Differs(string file, string? hash) =>
        !File.Exists(file) ? $"{file} is gone."
        : RegularFile.HashOf(file) != hash ? $"{file} was changed after its fields were drawn."
        : null;
}
