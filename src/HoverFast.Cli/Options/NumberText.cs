using System.Globalization;
using System.Text.RegularExpressions;

namespace HoverFast.Cli.Options;

/// <summary>Numbers as people type them, read one way on every machine: digits and a decimal point, whatever the language of the system.</summary>
internal static partial class NumberText
{
    /// <summary>Reads a number.</summary>
    /// <param name="text">What was typed.</param>
    /// <param name="whole">Whether it must be a whole one.</param>
    /// <param name="number">The number.</param>
    /// <param name="problem">What is wrong, and the right spelling where it can be told.</param>
    public static bool TryRead(string text, bool whole, out double number, out string? problem)
    {
        number = 0;
        problem = null;
        if (!(whole ? Whole() : Real()).IsMatch(text))
        {
            var shown = Printable(text);
            var right = Meant(text) is { } meant && (!whole || Whole().IsMatch(meant)) ? meant : null;
            problem = text.Contains(',') ? $"'{shown}' has a comma; numbers are written with a decimal point{(right is null ? "" : $": write {right}")}."
                : right is not null ? $"'{shown}' is more than a number: write {right}."
                : $"'{shown}' is no {(whole ? "whole number" : "number")}.";
            return false;
        }

        number = double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
        return true;
    }

    /// <summary>A text without what would move a terminal's cursor, and not endless.</summary>
    public static string Printable(string text) => string.Concat(text.Take(60).Select(c => char.IsControl(c) ? '?' : c)) + (text.Length > 60 ? "..." : "");

    // 0,25 and 1,000.5; 40x and 0.25um.
    private static string? Meant(string text)
    {
        var point = text.Count(c => c == ',') == 1 && !text.Contains('.') ? text.Replace(',', '.') : text.Replace(",", "", StringComparison.Ordinal);
        return Real().IsMatch(point) ? point : WithUnit().Match(point) is { Success: true } match ? match.Groups["number"].Value : null;
    }

    [GeneratedRegex(@"^[+-]?[0-9]{1,18}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Whole();

    [GeneratedRegex(@"^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Real();

    [GeneratedRegex(@"^(?<number>[+-]?([0-9]+\.?[0-9]*|\.[0-9]+))\s*[\p{L}/²%]{1,8}\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex WithUnit();
}
