using System.Diagnostics;
using System.Runtime.InteropServices;

namespace HoverFast.Cli;

/// <summary>
/// Ctrl-C and SIGTERM ask a command to stop: it finishes the tiles under way and closes its journal. Who asks twice, or a command that takes too
/// long, ends at once; the journal is good at any moment. The same signal within a second is no second request: timeout(1) sends two, and a manager of services
/// signals a program and the one that it hands over to, which then hands the signal on.
/// </summary>
internal sealed class StopSignals : IDisposable
{
    /// <summary>What a command may take to come to its end; schedulers kill half a minute after they ask.</summary>
    public static readonly TimeSpan TimeToClose = TimeSpan.FromSeconds(25);

    private static readonly TimeSpan _oneRequest = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stop = new();
    private readonly PosixSignalRegistration[] _registrations;
    private readonly TimeSpan? _timeToClose;
    private readonly Action? _asked;
    private long _first;
    private int _exitCode;

    /// <summary>Starts to listen.</summary>
    /// <param name="timeToClose">The program ends that long after the first request whatever it does; null lets it take its time.</param>
    /// <param name="asked">Is done at the first request.</param>
    public StopSignals(TimeSpan? timeToClose, Action? asked = null)
    {
        (_timeToClose, _asked) = (timeToClose, asked);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Stop(context, Cli.ExitCode.Cancelled)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Stop(context, Cli.ExitCode.Terminated)),
        ];
    }

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
        if (Interlocked.CompareExchange(ref _first, Stopwatch.GetTimestamp(), 0) is var first and not 0)
        {
            if (Stopwatch.GetElapsedTime(first) > _oneRequest)
            {
                Environment.Exit(code);
            }

            return;
        }

        _exitCode = code;
        _asked?.Invoke();
        if (_timeToClose is { } time)
        {
            _ = Task.Delay(time).ContinueWith(_ => Environment.Exit(code), TaskScheduler.Default);
        }

        _stop.Cancel();
    }
}
