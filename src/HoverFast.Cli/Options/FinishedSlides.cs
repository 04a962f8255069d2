using System.CommandLine;

namespace HoverFast.Cli.Options;

/// <summary>Options that tell where the slides and the models of finished results are.</summary>
internal static class FinishedSlides
{
    /// <summary>The option that names slides.</summary>
    public static Option<string[]> Places() =>
        new("--slides")
        {
            Description = "Where the slides lie: files, or folders at any depth (default: the folder of results and the one above it).",
            AllowMultipleArgumentsPerToken = true,
        };

    /// <summary>What was given of <see cref="Places"/>; null where it was left out.</summary>
    public static IReadOnlyList<string>? Given(ParseResult parsed, Option<string[]> places) =>
        parsed.GetResult(places) is { Implicit: false } ? parsed.GetValue(places) : null;

    /// <summary>The option that names the model.</summary>
    public static Option<string?> Model() =>
        new("--model") { Description = "Name or path of the model that made the results (default: the built-in one that they name)." };
}
