using System.CommandLine;
using System.CommandLine.Parsing;
using HoverFast.Cli.Options;
using HoverFast.Training.Data;

namespace HoverFast.Training.Commands;

/// <summary>Options that take a number of a range; what lies outside is refused before anything starts.</summary>
internal static class RangedOption
{
    /// <summary>The pixel sizes that tissue can have, in um/px.</summary>
    public static WithinAttribute PixelSizes { get; } = new(0.05, 5);

    /// <summary>The option for the pixel size of all inputs, as <c>hoverfast segment</c> has it.</summary>
    public static Option<double?> GivenMpp() => RealOrNone("--mpp", "Pixel size of all inputs in um/px, whatever the files state.", PixelSizes);

    /// <summary>A number with a default.</summary>
    public static Option<double> Real(string name, string description, double usual, WithinAttribute range) =>
        new(name) { Description = description, DefaultValueFactory = _ => usual, CustomParser = r => Read(r, whole: false, range) ?? 0 };

    /// <summary>A number that must be given.</summary>
    public static Option<double> Real(string name, string description, WithinAttribute range) =>
        new(name) { Description = description, Required = true, CustomParser = r => Read(r, whole: false, range) ?? 0 };

    /// <summary>A number that may be left out.</summary>
    public static Option<double?> RealOrNone(string name, string description, WithinAttribute range) =>
        new(name) { Description = description, CustomParser = r => Read(r, whole: false, range) };

    /// <summary>A whole number with a default.</summary>
    public static Option<int> Whole(string name, string description, int usual, WithinAttribute range) =>
        new(name) { Description = description, DefaultValueFactory = _ => usual, CustomParser = r => (int)(Read(r, whole: true, range) ?? 0) };

    /// <summary>A whole number that may be left out.</summary>
    public static Option<int?> WholeOrNone(string name, string description, WithinAttribute range) =>
        new(name) { Description = description, CustomParser = r => (int?)Read(r, whole: true, range) };

    private static double? Read(ArgumentResult result, bool whole, WithinAttribute range)
    {
        var name = ((OptionResult)result.Parent!).Option.Name;
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (!NumberText.TryRead(text, whole, out var number, out var problem))
        {
            result.AddError($"{name}: {problem}");
            return null;
        }

        if (!range.Holds(number))
        {
            result.AddError($"{name} is {range.Words}, not {text}.");
            return null;
        }

        return number;
    }
}
