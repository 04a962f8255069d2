using System.CommandLine;
using System.Diagnostics;

namespace HoverFast.Cli.Commands;

/// <summary>
/// Training lives in a program of its own, <c>hoverfast-train</c>, since it needs libtorch (600 MB) and segmenting does not. These
/// commands find it and pass everything on, as git does.
/// </summary>
internal static class TrainingCommands
{
    private const string ProgramName = "hoverfast-train";

    private static readonly (string Name, string Description)[] _commands =
    [
        ("train", "Train a student on labelled images (runs hoverfast-train)."),
        ("export", "Write trained weights as a model, scored on the validation sets (runs hoverfast-train)."),
        ("distill", "A teacher labels tissue, a student learns from it (runs hoverfast-train)."),
        ("adapt", "Fine-tune a student on a few labelled tiles of other tissue (runs hoverfast-train)."),
    ];

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Make()
    {
        foreach (var (name, description) in _commands)
        {
            var arguments = new Argument<string[]>("ARGUMENTS") { Description = $"Passed on; see hoverfast {name} --help.", Arity = ArgumentArity.ZeroOrMore };
            var command = new Command(name, description) { arguments };
            command.TreatUnmatchedTokensAsErrors = false;
            command.SetAction((_, cancellation) => RunAsync([name], cancellation));
            yield return command;
        }
    }

    /// <summary>Whether the command line is for the training program, which then parses it, help included.</summary>
    public static bool AreMeant(string[] args) => args.Length > 0 && _commands.Any(c => c.Name == args[0]);

    /// <summary>Runs the training program with these arguments and returns its exit code.</summary>
    public static async Task<int> RunAsync(string[] args, CancellationToken cancellation)
    {
        var start = Find();
        if (start is null)
        {
            await Console.Error.WriteLineAsync(
                $"error: '{args[0]}' needs the program {ProgramName}, which is not beside hoverfast, not on PATH and not built in this repository.\n" +
                "It is separate because it brings libtorch (about 600 MB). From a clone of the repository:\n" +
                "  dotnet build src/HoverFast.Training -c Release\n" +
                $"then run the command again, or put {ProgramName} on PATH.");
            return ExitCode.CannotStart;
        }

        foreach (var argument in args)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;

        // Ctrl-C reaches the child through the terminal; it saves its state and ends by itself.
        await process.WaitForExitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }

    private static ProcessStartInfo? Find()
    {
        var executable = OperatingSystem.IsWindows() ? ProgramName + ".exe" : ProgramName;
        var folders = new List<string> { AppContext.BaseDirectory };
        folders.AddRange((Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries));
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "HoverFast.slnx")))
            {
                folders.AddRange(new[] { "Release", "Debug" }.Select(c => Path.Combine(folder.FullName, "src", "HoverFast.Training", "bin", c, "net10.0")));
                break;
            }
        }

        var path = folders.Select(f => Path.Combine(f, executable)).FirstOrDefault(File.Exists);
        return path is null ? null : new ProcessStartInfo(path);
    }
}
