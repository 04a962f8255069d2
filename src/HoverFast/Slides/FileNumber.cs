using System.Globalization;

namespace HoverFast.Slides;

/// <summary>Numbers in files that other programs wrote: one reading whatever the machine's language.</summary>
internal static class FileNumber
{
    /// <summary>
    /// Reads a pixel size or another small number. Programs on machines that write 0,25 leave that comma in files too: a single comma without a point is
    /// taken for the point, since no such number has thousands.
    /// </summary>
    /// <returns>Whether the text is a finite number and nothing else.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out double value)
    {
        text = text.Trim();
        value = 0;
        if (text.IsEmpty || text.Length > 64)
        {
            return false;
        }

        Span<char> plain = stackalloc char[text.Length];
        text.CopyTo(plain);
        if (plain.Count(',') == 1 && !plain.Contains('.'))
        {
            plain[plain.IndexOf(',')] = '.';
        }

        return double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }

    /// <summary>As <see cref="TryParse"/>; null where the text is no number.</summary>
    public static double? Parse(string? text) => TryParse(text, out var value) ? value : null;
}
