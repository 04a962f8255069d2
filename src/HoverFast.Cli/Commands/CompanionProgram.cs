using System.Diagnostics;
using System.Runtime.InteropServices;

namespace HoverFast.Cli.Commands;

/// <summary>
/// A program of its own that commands hand over to, as git does: it needs what segmenting does not. It is found where an environment variable says, beside
/// this program, on PATH, or in what was built in a clone.
/// </summary>
/// <param name="Name">For example hoverfast-train.</param>
/// <param name="Variable">Environment variable that names the program, or the folder that it lies in.</param>
/// <param name="Project">Its folder below src.</param>
/// <param name="Reason">Why it is separate, as a sentence.</param>
internal sealed record CompanionProgram(string Name, string Variable, string Project, string Reason)
{
    private const int Sigterm = 15;
    private static readonly string[] _helpWords = ["--help", "-h", "-?", "/?", "/h"];

    /// <summary>Runs the program with these arguments and returns its exit code.</summary>
    /// <param name="args">What it gets.</param>
    /// <param name="command">The command of ours that this is.</param>
    /// <param name="description">What that command does.</param>
    /// <param name="cancellation">Is told when the user wants to stop.</param>
    public async Task<int> RunAsync(IReadOnlyList<string> args, string command, string description, CancellationToken cancellation)
    {
        var program = Places(AppContext.BaseDirectory, Environment.CurrentDirectory).FirstOrDefault(File.Exists);
        if (program is null)
        {
            return await ExplainAsync(args, command, description);
        }

        var start = new ProcessStartInfo(program);
        foreach (var argument in args)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;

        // A service's manager signals this program alone: the other must end with it, and as gently.
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            Terminate(process);
        });

        // Ctrl-C reaches the child through the terminal; it saves its state and ends by itself.
        await process.WaitForExitAsync(cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }

    private static void Terminate(Process process)
    {
        if (OperatingSystem.IsWindows() || Signal(process.Id, Sigterm) != 0)
        {
            process.Kill();
        }
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);

    /// <summary>Where the program may lie.</summary>
    public IEnumerable<string> Places(string programFolder, string workingFolder)
    {
        var executable = OperatingSystem.IsWindows() ? Name + ".exe" : Name;
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given)
        {
            // What the user names is taken, or nothing: another one found by chance would only puzzle.
            return [Directory.Exists(given) ? Path.Combine(given, executable) : given];
        }

        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Prepend(programFolder);
        return folders.Select(f => Path.Combine(f, executable)).Concat(Built(programFolder, executable)).Concat(Built(workingFolder, executable));
    }

    // Below bin: Debug or Release, with or without the name of a platform, published or not; the latest first.
    private IEnumerable<string> Built(string from, string executable)
    {
        for (var folder = new DirectoryInfo(from); folder is not null; folder = folder.Parent)
        {
            var bin = new DirectoryInfo(Path.Combine(folder.FullName, "src", Project, "bin"));
            if (File.Exists(Path.Combine(folder.FullName, "HoverFast.slnx")) && bin.Exists)
            {
                return bin.EnumerateFiles(executable, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4 })
                    .OrderByDescending(f => f.LastWriteTimeUtc)
                    .Select(f => f.FullName);
            }
        }

        return [];
    }

    private async Task<int> ExplainAsync(IReadOnlyList<string> args, string command, string description)
    {
        var folder = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        var given = Environment.GetEnvironmentVariable(Variable);
        var ways = !string.IsNullOrEmpty(given)
            ? $"{Variable} is {given}; name the program {Name}, or the folder that it lies in."
            : $"{Reason} In a clone of the repository this puts it beside hoverfast:\n" +
              $"  dotnet publish src/{Project} -c Release -o \"{folder}\"\n" +
              $"or anywhere else (-o FOLDER), then put FOLDER on PATH or set {Variable}=FOLDER.";
        if (args.Intersect(_helpWords).Any())
        {
            Console.WriteLine($"hoverfast {command}: {description}\n\nIts options are told by the program {Name}, which wasn't found.\n{ways}");
            return ExitCode.Success;
        }

        await Console.Error.WriteLineAsync($"error: '{command}' needs the program {Name}, which wasn't found.\n{ways}");
        return ExitCode.CannotStart;
    }
}
