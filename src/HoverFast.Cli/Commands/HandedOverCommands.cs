using System.CommandLine;

namespace HoverFast.Cli.Commands;

/// <summary>
/// Commands that programs of their own carry out: training needs libtorch (600 MB), the viewer the ASP.NET Core runtime, and segmenting neither. They find the
/// program and pass everything on.
/// </summary>
internal static class HandedOverCommands
{
    /// <summary>Trains.</summary>
    public static readonly CompanionProgram Training = new(
        "hoverfast-train",
        "HOVERFAST_TRAIN",
        "HoverFast.Training",
        "It is separate because it brings libtorch (about 600 MB).");

    /// <summary>Shows results in the browser.</summary>
    public static readonly CompanionProgram Server = new(
        "hoverfast-serve",
        "HOVERFAST_SERVE",
        "HoverFast.Server",
        "It is separate because it needs the ASP.NET Core runtime.");

    private static readonly (string Name, string Description, CompanionProgram Program)[] _commands =
    [
        ("train", "Train a student on labelled images (runs hoverfast-train).", Training),
        ("export", "Write trained weights as a model, scored on the validation sets (runs hoverfast-train).", Training),
        ("distill", "A teacher labels tissue, a student learns from it (runs hoverfast-train).", Training),
        ("adapt", "Fine-tune a student on a few labelled tiles of other tissue (runs hoverfast-train).", Training),
        ("datasets", "Turn public data sets into training sets (runs hoverfast-train).", Training),
        ("serve", "Show slides with their nuclei in the browser, and segment slides from there (runs hoverfast-serve).", Server),
    ];

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Make()
    {
        foreach (var (name, description, _) in _commands)
        {
            var arguments = new Argument<string[]>("ARGUMENTS") { Description = $"Passed on; see hoverfast {name} --help.", Arity = ArgumentArity.ZeroOrMore };
            var command = new Command(name, description) { arguments };
            command.TreatUnmatchedTokensAsErrors = false;
            command.SetAction((_, cancellation) => RunAsync([name], cancellation));
            yield return command;
        }
    }

    /// <summary>Whether the command line is for another program, which then parses it, help included.</summary>
    public static bool AreMeant(string[] args) => args.Length > 0 && _commands.Any(c => c.Name == args[0]);

    /// <summary>Runs the program that is meant and returns its exit code.</summary>
    public static Task<int> RunAsync(string[] args, CancellationToken cancellation)
    {
        var (name, description, program) = _commands.First(c => c.Name == args[0]);

        // The trainer knows its commands by name; the server does one thing.
        return program.RunAsync(program == Server ? args[1..] : args, name, description, cancellation);
    }
}
