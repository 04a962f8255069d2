using System.CommandLine;
using System.CommandLine.Parsing;

namespace HoverFast.Cli.Options;

/// <summary>Options that take a number between two bounds.</summary>
internal static class NumberOption
{
    /// <summary>A whole number with a default.</summary>
    public static Option<int> Whole(string name, string description, int usual, int low, int high, string? alias = null) =>
        Checked(new Option<int>(name, alias is null ? [] : [alias]) { Description = description, DefaultValueFactory = _ => usual }, low, high, v => v);

    /// <summary>A whole number that may be left out.</summary>
    public static Option<int?> Whole(string name, string description, int low, int high) =>
        Checked(new Option<int?>(name) { Description = description }, low, high, v => v);

    /// <summary>A number with a default.</summary>
    public static Option<double> Real(string name, string description, double usual, double low, double high, string? alias = null) =>
        Checked(new Option<double>(name, alias is null ? [] : [alias]) { Description = description, DefaultValueFactory = _ => usual }, low, high, v => v);

    /// <summary>A number that may be left out.</summary>
    public static Option<double?> Real(string name, string description, double low, double high) =>
        Checked(new Option<double?>(name) { Description = description }, low, high, v => v);

    private static Option<T> Checked<T>(Option<T> option, double low, double high, Func<T, double?> value)
    {
        option.Validators.Add((OptionResult r) =>
        {
            if (value(r.GetValueOrDefault<T>()!) is { } number && !(number >= low && number <= high))
            {
                r.AddError(double.IsPositiveInfinity(high) || high == int.MaxValue ? $"{option.Name} is at least {low}." : $"{option.Name} lies between {low} and {high}.");
            }
        });
        return option;
    }
}
