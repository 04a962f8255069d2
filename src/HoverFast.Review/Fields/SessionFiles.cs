using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;
using HoverFast.Files;
using HoverFast.Review.Logs;

namespace HoverFast.Review.Fields;

/// <summary>The sessions of a review folder, a file each: it is written last, so a session is whole or not there.</summary>
internal static class SessionFiles
{
    private const string Ending = ".session.json";
    private static readonly ConcurrentDictionary<string, (DateTime Written, ReviewSession Session)> _known = new(StringComparer.Ordinal);

    /// <summary>Where a session's file lies.</summary>
    public static string PathFor(string folder, string session) => Path.Combine(folder, session + Ending);

    /// <summary>The bytes of a session's file, and their hash.</summary>
    public static (byte[] Bytes, string Sha256) Make(ReviewSession session)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(session, ReviewEntry.IndentedJson);
        return (bytes, Convert.ToHexStringLower(SHA256.HashData(bytes)));
    }

    /// <summary>All sessions, the oldest first.</summary>
    /// <exception cref="ReviewException">One can't be read.</exception>
    public static IReadOnlyList<ReviewSession> Read(string folder) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, "*" + Ending).Select(ReadOne).OrderBy(s => s.When)
            .ThenBy(s => s.Id, StringComparer.Ordinal)] : [];

    // They never change once they are there, and every edit asks for its field.
    private static ReviewSession ReadOne(string path)
    {
        var written = File.GetLastWriteTimeUtc(path);
        if (!_known.TryGetValue(path, out var known) || known.Written != written)
        {
            _known[path] = known = (written, Parse(path));
        }

        return known.Session;
    }

    private static ReviewSession Parse(string path)
    {
        try
        {
            var session = JsonSerializer.Deserialize<ReviewSession>(RegularFile.ReadAllBytes(path), ReviewEntry.Json)!;
            return session.Format == ReviewSession.Layout && session.Fields.All(f => f.Width > 0 && f.Height > 0) ? session
                : throw new ReviewException($"{path}: is no session of this version.");
        }
        catch (Exception e) when (e is IOException or JsonException or UnauthorizedAccessException)
        {
            throw new ReviewException($"{path}: can't be read as a review session ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
