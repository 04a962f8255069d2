using System.Runtime.InteropServices;

namespace HoverFast.Cli;

/// <summary>
/// Ctrl-C and SIGTERM ask a command to stop: it finishes the tiles under way and closes its journal. Who asks twice, or a command that takes too
/// long, ends at once; the journal is good at any moment.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>What a command may take to come to its end; schedulers kill half a minute after they ask.</summary>
    private static readonly TimeSpan _timeToClose = TimeSpan.FromSeconds(25);

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _exitCode;

    /// <summary>Starts to listen.</summary>
    public StopSignals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, Cli.ExitCode.Cancelled)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, Cli.ExitCode.Terminated)),
    ];

    /// <summary>Is cancelled when the first signal comes.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>The exit code of a command that was stopped: by SIGTERM, or by the user.</summary>
    public int ExitCode => _exitCode == 0 ? Cli.ExitCode.Cancelled : _exitCode;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var registration in _registrations)
        {
            registration.Dispose();
        }

        _stop.Dispose();
    }

    private void Stop(PosixSignalContext context, int code)
    {
        context.Cancel = true;
        if (Interlocked.CompareExchange(ref _exitCode, code, 0) != 0)
        {
            Environment.Exit(code);
        }

        _ = Task.Delay(_timeToClose).ContinueWith(_ => Environment.Exit(code), TaskScheduler.Default);
        _stop.Cancel();
    }
}
