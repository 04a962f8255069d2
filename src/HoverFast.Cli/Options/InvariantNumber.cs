using System.CommandLine.Parsing;
using System.Globalization;

namespace HoverFast.Cli.Options;

/// <summary>Reads numbers the same way on every system: with a point, without separators; a comma is refused with the reason.</summary>
internal static class InvariantNumber
{
    /// <summary>Reads an option's number; what isn't one becomes an error of the command line, and null.</summary>
    public static double? Real(ArgumentResult result) => Read(result, s => double.TryParse(s, NumberStyles.Float, CultureInfo.InvariantCulture, out var v) && double.IsFinite(v) ? v : null);

    /// <summary>Reads an option's whole number; what isn't one becomes an error of the command line, and null.</summary>
    public static int? Whole(ArgumentResult result) => (int?)Read(result, s => int.TryParse(s, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var v) ? v : null);

    private static double? Read(ArgumentResult result, Func<string, double?> parse)
    {
        var text = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
        if (parse(text) is { } number)
        {
            return number;
        }

        var name = result.Parent is OptionResult option ? option.Option.Name : result.Argument.Name;
        result.AddError(text.Contains(',', StringComparison.Ordinal)
            ? $"{name} {text}: write numbers with a point, for example {text.Replace(',', '.')}."
            : $"{name} {text}: is no number that can be used here.");
        return null;
    }
}
