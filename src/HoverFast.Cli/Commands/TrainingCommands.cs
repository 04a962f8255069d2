using System.CommandLine;
using System.Diagnostics;

namespace HoverFast.Cli.Commands;

/// <summary>
/// Training lives in a program of its own, <c>hoverfast-train</c>, since it needs libtorch (600 MB) and segmenting does not. These
/// commands find it and pass everything on, as git does.
/// </summary>
internal static class TrainingCommands
{
    /// <summary>Environment variable that names the training program, or the folder that it lies in.</summary>
    public const string PlaceVariable = "HOVERFAST_TRAIN";

    private const string ProgramName = "hoverfast-train";
    private static readonly string[] _helpWords = ["--help", "-h", "-?", "/?", "/h"];

    private static readonly (string Name, string Description)[] _commands =
    [
        ("train", "Train a student on labelled images (runs hoverfast-train)."),
        ("export", "Write trained weights as a model, scored on the validation sets (runs hoverfast-train)."),
        ("distill", "A teacher labels tissue, a student learns from it (runs hoverfast-train)."),
        ("adapt", "Fine-tune a student on a few labelled tiles of other tissue (runs hoverfast-train)."),
        ("datasets", "Turn public data sets into training sets (runs hoverfast-train)."),
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
        var program = Places(AppContext.BaseDirectory, Environment.CurrentDirectory).FirstOrDefault(File.Exists);
        if (program is null)
        {
            return await ExplainAsync(args);
        }

        var start = new ProcessStartInfo(program);
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

    /// <summary>
    /// Where the program may lie: where the environment variable says, beside this one, on PATH, in what was built in the clone that this program or the
    /// working folder lies in.
    /// </summary>
    internal static IEnumerable<string> Places(string programFolder, string workingFolder)
    {
        var executable = OperatingSystem.IsWindows() ? ProgramName + ".exe" : ProgramName;
        if (Environment.GetEnvironmentVariable(PlaceVariable) is { Length: > 0 } given)
        {
            // What the user names is taken, or nothing: another one found by chance would only puzzle.
            return [Directory.Exists(given) ? Path.Combine(given, executable) : given];
        }

        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Prepend(programFolder);
        return folders.Select(f => Path.Combine(f, executable)).Concat(Built(programFolder, executable)).Concat(Built(workingFolder, executable));
    }

    // Below bin: Debug or Release, with or without the name of a platform, published or not; the latest first.
    private static IEnumerable<string> Built(string from, string executable)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            var bin = new DirectoryInfo(Path.Combine(folder.FullName, "src", "HoverFast.Training", "bin"));
            if (File.Exists(Path.Combine(folder.FullName, "HoverFast.slnx")) && bin.Exists)
            {
                return bin.EnumerateFiles(executable, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4 }).OrderByDescending(f => f.LastWriteTimeUtc).Select(f => f.FullName);
            }
        }

        return [];
    }

    private static async Task<int> ExplainAsync(string[] args)
    {
        var folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var given = Environment.GetEnvironmentVariable(PlaceVariable);
        var ways = !string.IsNullOrEmpty(given)
            ? $"{PlaceVariable} is {given}; name the program {ProgramName}, or the folder that it lies in."
            : "It is separate because it brings libtorch (about 600 MB). In a clone of the repository this puts it beside hoverfast:\n" +
              $"  dotnet publish src/HoverFast.Training -c Release -o \"{folder}\"\n" +
              $"or anywhere else (-o FOLDER), then put FOLDER on PATH or set {PlaceVariable}=FOLDER.";
        if (args.Intersect(_helpWords).Any())
        {
            Console.WriteLine($"hoverfast {args[0]}: {_commands.First(c => c.Name == args[0]).Description}\n\nIts options are told by the program {ProgramName}, which wasn't found.\n{ways}");
            return ExitCode.Success;
        }

        await Console.Error.WriteLineAsync($"error: '{args[0]}' needs the program {ProgramName}, which wasn't found.\n{ways}");
        return ExitCode.CannotStart;
    }
}
