using System.ComponentModel;
using System.Diagnostics;
using HoverFast.Cli;
using HoverFast.Cli.Commands;
using HoverFast.Server.Hosting;

namespace HoverFast.Server.Review;

/// <summary>
/// Teaches a candidate of the reviewed fields: <c>hoverfast-train adapt --review</c> as a process of its own, so that the page stays quick, one at a time.
/// It goes on
/// from its checkpoints when it is started again.
/// </summary>
internal sealed class Teaching(ServerOptions options) : IDisposable
{
    private const int KeptLines = 200;
    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();
    private Process? _process;
    private string _state = "idle";

    /// <summary>How far it is: idle, running, done, no better, failed or stopped; and what it said last.</summary>
    public object State
    {
        get
        {
            lock (_gate)
            {
                return new { state = _state, lines = _lines.ToArray() };
            }
        }
    }

    /// <summary>Starts it.</summary>
    /// <exception cref="RequestException">It is under way, or the trainer isn't installed or can't be started.</exception>
    public void Start(string who)
    {
        lock (_gate)
        {
            if (_process is not null)
            {
                throw new RequestException(StatusCodes.Status409Conflict, "A model is being taught already.");
            }

            var program = HandedOverCommands.Training.Places(AppContext.BaseDirectory, Environment.CurrentDirectory).FirstOrDefault(File.Exists)
                ?? throw new RequestException(StatusCodes.Status422UnprocessableEntity,
                    "Teaching needs the program hoverfast-train, which is not installed beside the server (docs/review.md).");
            var start = new ProcessStartInfo(program) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var argument in Arguments(who))
            {
                start.ArgumentList.Add(argument);
            }

            var process = new Process { StartInfo = start, EnableRaisingEvents = true };
            process.OutputDataReceived += (_, e) => Hear(e.Data);
            process.ErrorDataReceived += (_, e) => Hear(e.Data);
            process.Exited += (_, _) => _ = Task.Run(() => End(process));
            try
            {
                process.Start();
            }
            catch (Win32Exception e)
            {
                process.Dispose();

                // The system's own words: those of the exception hold paths.
                throw new RequestException(StatusCodes.Status422UnprocessableEntity,
                    $"Teaching needs the program hoverfast-train, and {Path.GetFileName(program)} can't be started: " +
                    $"{new Win32Exception(e.NativeErrorCode).Message} (docs/review.md).");
            }

            _lines.Clear();
            _state = "running";
            _process = process;
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }
    }

    /// <summary>Stops it; its checkpoints stay.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            if (_process is { HasExited: false })
            {
                _state = "stopped";
                _process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    private IEnumerable<string> Arguments(string who)
    {
        string[] common = ["adapt", "--review", options.Results, "--who", who, "--work", Path.Combine(options.OwnFolder, "teaching")];
        var slides = options.SlideFolders.SelectMany(f => new[] { "--slides", f });
        return [.. common, .. slides, .. options.Threads is { } threads ? ["--threads", $"{threads}"] : Array.Empty<string>(), .. options.TeachingOptions];
    }

    private void Hear(string? line)
    {
        lock (_gate)
        {
            if (line is not null)
            {
                _lines.Enqueue(line.Replace(options.Results, "results", StringComparison.Ordinal));
                while (_lines.Count > KeptLines)
                {
                    _lines.Dequeue();
                }
            }
        }
    }

    private void End(Process process)
    {
        // Its last words come after its end.
        process.WaitForExit();
        lock (_gate)
        {
            _state = _state == "stopped" ? _state : process.ExitCode switch
            {
                ExitCode.Success => "done",
                ExitCode.SomeFailed => "no better",
                _ => "failed",
            };
            _process = null;
            process.Dispose();
        }
    }
}
