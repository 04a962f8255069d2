using System.Drawing;
using System.Globalization;

namespace HoverFast.Cli.Options;

/// <summary>Colours as Matplotlib names them, which HoverFast's command line takes: CSS names, letters, hexadecimal numbers, greys.</summary>
internal static class MatplotlibColour
{
    /// <summary>Reads a colour; null where the text names none.</summary>
    public static (byte R, byte G, byte B)? Parse(string text)
    {
        text = text.Trim();
        if (text.StartsWith('#'))
        {
            return Hexadecimal(text[1..]);
        }

        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var grey))
        {
            return grey is >= 0 and <= 1 ? Grey((byte)Math.Round(255 * grey)) : null;
        }

        return text switch
        {
            "r" => (255, 0, 0),
            "g" => (0, 128, 0),
            "b" => (0, 0, 255),
            "c" => (0, 191, 191),
            "m" => (191, 0, 191),
            "y" => (191, 191, 0),
            "k" => Grey(0),
            "w" => Grey(255),
            _ => Named(text.Replace("grey", "gray", StringComparison.OrdinalIgnoreCase)),
        };
    }

    private static (byte R, byte G, byte B) Grey(byte value) => (value, value, value);

    private static (byte R, byte G, byte B)? Named(string name)
    {
        var colour = Color.FromName(name);
        return colour is { IsKnownColor: true, IsSystemColor: false, A: 255 } ? (colour.R, colour.G, colour.B) : null;
    }

    private static (byte R, byte G, byte B)? Hexadecimal(string digits)
    {
        if (digits.Length == 3)
        {
            digits = string.Concat(digits.Select(d => $"{d}{d}"));
        }

        return digits.Length == 6 && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? ((byte)(value >> 16), (byte)(value >> 8), (byte)value)
            : null;
    }
}
