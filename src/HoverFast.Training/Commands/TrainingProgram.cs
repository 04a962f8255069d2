using System.CommandLine;
using HoverFast.Cli;
using HoverFast.Training.Optimisation;

namespace HoverFast.Training.Commands;

/// <summary>The program <c>hoverfast-train</c>.</summary>
internal static class TrainingProgram
{
    /// <summary>All its commands.</summary>
    public static RootCommand Root() => new("Trains HoverFast's networks. Needs libtorch; segmenting does not.\n\n" + ExitCode.Help)
    {
        TrainCommand.Create(),
        ExportCommand.Create(),
        TypeContextCommand.Create(),
        DistillCommand.Create(),
        AdaptCommand.Create(),
        DatasetsCommand.Create(),
        KnownTissueCommand.Create(),
        TrustCommand.Create(),
        MeasurementsCommand.Create(),
        QualityCheckCommand.Create(),
        BenchCommand.Create(),
        Keys(),
    };

    // For docs/training-keys.md.
    private static Command Keys()
    {
        var command = new Command("keys", "Writes the reference of all configuration keys as Markdown.") { Hidden = true };
        command.SetAction(_ => Failure.Guard(() => Console.Write(ConfigurationReference.Markdown())));
        return command;
    }

    /// <summary>Parses and runs a command line; the first Ctrl-C lets the work end at a place from which it can go on, the second ends it at once.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="root">The commands; left out, all of the program's.</param>
    public static async Task<int> RunAsync(string[] args, RootCommand? root = null)
    {
        var parsed = (root ?? Root()).Parse(args);
        if (parsed.Errors.Count > 0 && args.Length > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync($"error: {error.Message}");
            }

            await Console.Error.WriteLineAsync(
                $"'hoverfast {(parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ")}--help' tells what can be given.");
            return ExitCode.Usage;
        }

        // A step or a validation may take long, and what is learned is kept only after it.
        using var signals = new StopSignals(null, () => Console.Error.WriteLine("Stopping after this step; press Ctrl-C again to end at once."));
        try
        {
            var code = await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null },
                signals.Token);
            return code == ExitCode.Cancelled ? signals.ExitCode : code;
        }
        catch (Exception e)
        {
            await Console.Error.WriteLineAsync($"error: this is a fault of hoverfast-train itself. Please report it with these lines: {e}");
            return ExitCode.Fault;
        }
    }
}
