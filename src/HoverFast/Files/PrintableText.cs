namespace HoverFast.Files;

/// <summary>What files and servers say, for messages: a terminal takes control characters for commands.</summary>
internal static class PrintableText
{
    /// <summary>The text with a question mark for each control character.</summary>
    /// <param name="text">It.</param>
    /// <param name="most">Letters that are kept.</param>
    public static string Of(string text, int most = int.MaxValue) => string.Concat(text.Take(most).Select(c => char.IsControl(c) ? '?' : c));
}
