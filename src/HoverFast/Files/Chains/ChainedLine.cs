using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HoverFast.Files.Chains;

/// <summary>
/// A line of a chained log: <c>{"n":1,"previous":"...","entry":{...},"hash":"..."}</c>. The hash is the SHA-256 of the line's bytes before <c>,"hash"</c>,
/// which hold the hash of the line before.
/// </summary>
internal static class ChainedLine
{
    /// <summary>What the first line names as the one before.</summary>
    public const string Nothing = "0000000000000000000000000000000000000000000000000000000000000000";

    private static readonly byte[] _mark = ",\"hash\":\""u8.ToArray();
    private static readonly int _ending = _mark.Length + Nothing.Length + 2;

    /// <summary>Makes a line, without its line feed.</summary>
    /// <param name="number">Its number, from 1.</param>
    /// <param name="previous">Hash of the line before.</param>
    /// <param name="entry">The entry's JSON, on one line.</param>
    public static (byte[] Line, string Hash) Make(long number, string previous, ReadOnlySpan<byte> entry)
    {
        byte[] content = [.. Start(number, previous), .. entry];
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        return ([.. content, .. _mark, .. Encoding.UTF8.GetBytes(hash), .. "\"}"u8], hash);
    }

    /// <summary>Takes a line apart.</summary>
    /// <param name="path">The log, for messages.</param>
    /// <param name="line">The line, without its line feed.</param>
    /// <param name="number">The number that it must have.</param>
    /// <param name="previous">The hash that it must name.</param>
    /// <exception cref="BrokenLogException">It was changed, or isn't the one that follows.</exception>
    public static (byte[] Entry, string Hash) Read(string path, ReadOnlySpan<byte> line, long number, string previous)
    {
        if (line.Length < _ending || !line[^_ending..].StartsWith(_mark) || !line.EndsWith("\"}"u8))
        {
            throw new BrokenLogException(path, number, $"entry {number} is no line of a log.");
        }

        var content = line[..^_ending];
        var hash = Encoding.ASCII.GetString(line[^(_ending - _mark.Length)..^2]);
        if (Convert.ToHexStringLower(SHA256.HashData(content)) != hash)
        {
            throw new BrokenLogException(path, number, $"entry {number} was changed after it was written: its hash doesn't fit.");
        }

        var start = Start(number, previous);
        return content.StartsWith(start) ? (content[start.Length..].ToArray(), hash)
            : throw new BrokenLogException(path, number, $"entry {number} doesn't follow the one before it: an entry was changed, taken out or put in.");
    }

    private static byte[] Start(long number, string previous) =>
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{{\"n\":{number},\"previous\":\"{previous}\",\"entry\":"));
}
