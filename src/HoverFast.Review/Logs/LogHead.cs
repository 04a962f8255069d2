using System.Globalization;
using HoverFast.Files;

namespace HoverFast.Review.Logs;

/// <summary>
/// How long a log was and what its last hash was, kept in a file beside it: a chain alone can't tell that its end was cut off. It is written after each entry,
/// so that a crash can leave it one entry behind, never ahead.
/// </summary>
/// <param name="Count">Entries.</param>
/// <param name="Hash">Hash of the last one.</param>
internal sealed record LogHead(long Count, string Hash)
{
    /// <summary>Where a log's head lies.</summary>
    public static string PathFor(string log) => log + ".head";

    /// <summary>Reads it; null where there is none or it is unreadable.</summary>
    public static LogHead? TryRead(string log)
    {
        try
        {
            var words = RegularFile.ReadAllText(PathFor(log), 1024).Split(' ', StringSplitOptions.TrimEntries);
            return words.Length == 2 && long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? new LogHead(count, words[1])
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes it.</summary>
    public void Write(string log) => PartialFile.WriteText(PathFor(log), string.Create(CultureInfo.InvariantCulture, $"{Count} {Hash}\n"));
}
