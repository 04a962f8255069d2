using System.CommandLine;
using System.CommandLine.Parsing;

namespace HoverFast.Cli.Options;

/// <summary>Options that take a number between two bounds, all read by <see cref="NumberText"/>.</summary>
internal static class NumberOption
{
    /// <summary>A whole number with a default.</summary>
    public static Option<int> Whole(string name, string description, int usual, int low, int high, string? alias = null) =>
        new(name, alias is null ? [] : [alias])
        {
            Description = description,
            DefaultValueFactory = _ => usual,
            CustomParser = r => (int)(Read(r, name, true, low, high) ?? usual),
        };

    /// <summary>A whole number that may be left out.</summary>
    public static Option<int?> Whole(string name, string description, int low, int high, string? alias = null) =>
        new(name, alias is null ? [] : [alias]) { Description = description, CustomParser = r => (int?)Read(r, name, true, low, high) };

    /// <summary>A number with a default.</summary>
    public static Option<double> Real(string name, string description, double usual, double low, double high, string? alias = null) =>
        new(name, alias is null ? [] : [alias])
        {
            Description = description,
            DefaultValueFactory = _ => usual,
            CustomParser = r => Read(r, name, false, low, high) ?? usual,
        };

    /// <summary>A number that may be left out.</summary>
    public static Option<double?> Real(string name, string description, double low, double high) =>
        new(name) { Description = description, CustomParser = r => Read(r, name, false, low, high) };

    private static double? Read(ArgumentResult result, string name, bool whole, double low, double high)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (!NumberText.TryRead(text, whole, out var number, out var problem))
        {
            result.AddError($"{name}: {problem}");
            return null;
        }

        if (!(number >= low && number <= high))
        {
            result.AddError(
                high is int.MaxValue or double.MaxValue
                    ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name} is at least {low}, not {text}.")
                    : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{name} lies between {low} and {high}, not {text}."));
            return null;
        }

        return number;
    }
}
