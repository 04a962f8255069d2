using System.Diagnostics;

namespace HoverFast.Cli.Commands;

/// <summary>Runs this program again in a process of its own.</summary>
internal static class OwnProcess
{
    /// <summary>Runs a command line to its end.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="temporary">Folder for its temporary files, which the caller deletes: a process that is killed can't.</param>
    /// <param name="cancellation">Kills it.</param>
    /// <returns>What it wrote to standard output.</returns>
    /// <exception cref="IOException">It can't be started or failed; the message holds what it wrote to standard error.</exception>
    public static async Task<string> RunAsync(IEnumerable<string> arguments, string temporary, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        var own = Environment.ProcessPath ?? "";
        if (Path.GetFileNameWithoutExtension(own) == "hoverfast")
        {
            start.FileName = own;
        }
        else
        {
            // Run by "dotnet hoverfast.dll", or from a test.
            start.FileName = Path.GetFileNameWithoutExtension(own) == "dotnet" ? own : "dotnet";
            start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"));
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // The second is Windows's.
        start.Environment["TMPDIR"] = temporary;
        start.Environment["TMP"] = temporary;
        using var process = Process.Start(start) ?? throw new IOException($"{start.FileName} can't be started.");
        try
        {
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == ExitCode.Success
                ? output
                : throw new IOException(
                    $"'hoverfast {string.Join(' ', start.ArgumentList.SkipWhile(a => a.EndsWith(".dll", StringComparison.Ordinal)))}' failed: {(await errors).Trim()}");
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            process.WaitForExit();
            throw;
        }
    }
}
