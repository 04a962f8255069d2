using System.CommandLine;
using System.Runtime.InteropServices;
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
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Root().Parse(args);
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

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = !stop.IsCancellationRequested;
            if (signal.Cancel)
            {
                Console.Error.WriteLine("Stopping after this step; press Ctrl-C again to end at once.");
                stop.Cancel();
            }
        }
    }
}
