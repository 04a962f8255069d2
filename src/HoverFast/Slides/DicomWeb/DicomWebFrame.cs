using System.Text;
using System.Text.RegularExpressions;

namespace HoverFast.Slides.DicomWeb;

/// <summary>One frame as a server answers it (PS3.18 section 8.7): the first part of a multipart body, or the body itself.</summary>
/// <param name="Bytes">The frame as it is stored.</param>
/// <param name="TransferSyntax">How it is compressed, where the answer says so; empty otherwise.</param>
internal sealed partial record DicomWebFrame(ReadOnlyMemory<byte> Bytes, string TransferSyntax)
{
    /// <summary>Takes an answer apart.</summary>
    /// <param name="body">Its bytes.</param>
    /// <param name="contentType">Its Content-Type, as it was sent.</param>
    /// <exception cref="InvalidDataException">It is no frame.</exception>
    /// <exception cref="EndOfStreamException">It ends too early: the connection broke, where its length was not told beforehand.</exception>
    public static DicomWebFrame Read(ReadOnlyMemory<byte> body, string contentType)
    {
        ArgumentNullException.ThrowIfNull(contentType);
        if (!contentType.TrimStart().StartsWith("multipart/", StringComparison.OrdinalIgnoreCase))
        {
            return new DicomWebFrame(body, SyntaxIn(contentType));
        }

        if (Boundary().Match(contentType) is not { Success: true } match)
        {
            throw new InvalidDataException("The server's answer has parts, but doesn't say what parts them.");
        }

        var boundary = Encoding.ASCII.GetBytes("--" + match.Groups["b"].Value);
        var start = body.Span.IndexOf(boundary);
        var headerEnd = start < 0 ? -1 : body.Span[start..].IndexOf("\r\n\r\n"u8);
        if (headerEnd < 0)
        {
            throw new EndOfStreamException("the answer holds no frame");
        }

        var headers = Encoding.ASCII.GetString(body.Span[(start + boundary.Length)..(start + headerEnd)]);
        var content = body[(start + headerEnd + 4)..];
        var end = content.Span.IndexOf([.. "\r\n"u8, .. boundary]);
        if (end < 0)
        {
            throw new EndOfStreamException("the answer is cut short");
        }

        var type = headers.Split("\r\n").FirstOrDefault(h => h.StartsWith("Content-Type:", StringComparison.OrdinalIgnoreCase)) ?? string.Empty;
        return new DicomWebFrame(content[..end], SyntaxIn(type) is { Length: > 0 } syntax ? syntax : SyntaxIn(contentType));
    }

    private static string SyntaxIn(string contentType) => Syntax().Match(contentType) is { Success: true } match ? match.Groups["s"].Value : string.Empty;

    [GeneratedRegex("""boundary\s*=\s*"?(?<b>[^";\s]+)"?""", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Boundary();

    [GeneratedRegex("""transfer-syntax\s*=\s*"?(?<s>[0-9.]+)""", RegexOptions.IgnoreCase | RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Syntax();
}
