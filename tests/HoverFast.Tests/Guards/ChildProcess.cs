using System.Diagnostics;

namespace HoverFast.Tests.Guards;

/// <summary>Programs run as a user runs them: in a process of their own, output read from its pipes.</summary>
internal static class ChildProcess
{
    /// <summary>How a program ended.</summary>
    /// <param name="ExitCode">Its exit code.</param>
    /// <param name="Output">What it wrote to standard output.</param>
    /// <param name="Error">What it wrote to standard error.</param>
    internal sealed record Ended(int ExitCode, string Output, string Error);

    /// <summary>Runs the command line program beside the tests.</summary>
    public static Task<Ended> HoverFastAsync(params string[] args) => HoverFastAsync(new Dictionary<string, string>(StringComparer.Ordinal), args);

    /// <summary>Runs the command line program beside the tests, with some environment variables more.</summary>
    public static Task<Ended> HoverFastAsync(IReadOnlyDictionary<string, string> environment, params string[] args) =>
        RunAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"), .. args], environment);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">The program.</param>
    /// <param name="args">Its arguments.</param>
    /// <param name="environment">Environment variables more.</param>
    /// <param name="folder">The folder that it runs in.</param>
    /// <param name="input">What it reads from standard input.</param>
    public static async Task<Ended> RunAsync(
        string program,
        string[] args,
        IReadOnlyDictionary<string, string>? environment = null,
        string? folder = null,
        string? input = null)
    {
        var start = new ProcessStartInfo(program, args)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        if (folder is not null)
        {
            start.WorkingDirectory = folder;
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Ended(process.ExitCode, await output, await error);
    }
}
