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

    /// <summary>A number with a default.</summary>
    public static Option<double> Real(string name, string description, double usual, WithinAttribute range) =>
        new(name) { Description = description, DefaultValueFactory = _ => usual, CustomParser = r => InRange(r, InvariantNumber.Real(r), range) ?? 0 };

    /// <summary>A number that must be given.</summary>
    public static Option<double> Real(string name, string description, WithinAttribute range) =>
        new(name) { Description = description, Required = true, CustomParser = r => InRange(r, InvariantNumber.Real(r), range) ?? 0 };

    /// <summary>A number that may be left out.</summary>
    public static Option<double?> RealOrNone(string name, string description, WithinAttribute range) =>
        new(name) { Description = description, CustomParser = r => InRange(r, InvariantNumber.Real(r), range) };

    /// <summary>A whole number with a default.</summary>
    public static Option<int> Whole(string name, string description, int usual, WithinAttribute range) =>
        new(name) { Description = description, DefaultValueFactory = _ => usual, CustomParser = r => (int)(InRange(r, InvariantNumber.Whole(r), range) ?? 0) };

    private static double? InRange(ArgumentResult result, double? number, WithinAttribute range)
    {
        if (number is { } value && !range.Holds(value))
        {
            result.AddError($"{((OptionResult)result.Parent!).Option.Name} is {range.Words}.");
        }

        return number;
    }
}
