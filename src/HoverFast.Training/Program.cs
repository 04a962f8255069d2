using System.CommandLine;
using System.Runtime.InteropServices;
using HoverFast.Cli;
using HoverFast.Training.Commands;

var root = new RootCommand("Trains HoverFast's networks. Needs libtorch; segmenting does not.\n\n" + ExitCode.Help)
{
    TrainCommand.Create(),
    ExportCommand.Create(),
    DistillCommand.Create(),
    AdaptCommand.Create(),
};
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0 && !(parsed.CommandResult.Command is RootCommand && args.Length == 0))
{
    foreach (var error in parsed.Errors)
    {
        await Console.Error.WriteLineAsync($"error: {error.Message}").ConfigureAwait(false);
    }

    await Console.Error.WriteLineAsync($"'hoverfast {(parsed.CommandResult.Command is RootCommand ? "" : parsed.CommandResult.Command.Name + " ")}--help' tells what can be given.").ConfigureAwait(false);
    return ExitCode.Usage;
}

// The first Ctrl-C lets the work end at a place from which it can go on; the second ends it at once.
using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
var plain = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
return await parsed.InvokeAsync(plain, stop.Token).ConfigureAwait(false);

void Stop(PosixSignalContext signal)
{
    signal.Cancel = !stop.IsCancellationRequested;
    if (signal.Cancel)
    {
        Console.Error.WriteLine("Stopping after this step; press Ctrl-C again to end at once.");
        stop.Cancel();
    }
}
