using System.Diagnostics;
using System.Text;
using HoverFast.Tests;
using HoverFast.Tests.Guards;
using Xunit;

namespace HoverFast.Server.Tests;

/// <summary>The server as users run it, a process of its own: for tests that kill it, signal it or give it other environment variables.</summary>
internal sealed class ServerProcess : RunningServer
{
    private static readonly string _program = Path.Combine(AppContext.BaseDirectory, "hoverfast-serve.dll");
    private readonly Process _process;

    private ServerProcess(Process process, Uri address)
        : base(address, end: null) => _process = process;

    /// <summary>No environment variables more.</summary>
    public static IReadOnlyDictionary<string, string> SameEnvironment { get; } = new Dictionary<string, string>();

    /// <summary>Starts it with some environment variables more.</summary>
    public static async Task<ServerProcess> StartAsync(IReadOnlyDictionary<string, string> environment, string results, string slides, params string[] more)
    {
        var process = Start([results, "--slides", slides, "--port", "0", .. more], environment);
        var first = new TaskCompletionSource<string>();
        var told = new StringBuilder();
        process.OutputDataReceived += (_, e) => first.TrySetResult(e.Data ?? "");
        process.ErrorDataReceived += (_, e) =>
        {
            lock (told)
            {
                told.AppendLine(e.Data);
            }
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var line = await first.Task.WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        lock (told)
        {
            return new ServerProcess(process, AddressIn(line, told.ToString()));
        }
    }

    /// <summary>Starts it where neither standard output nor standard error can be written.</summary>
    public static async Task<ServerProcess> StartWithFullOutputAsync(string results, string slides)
    {
        var port = FreePort.Find();
        string[] command = ["dotnet", _program, results, "--slides", slides, "--port", $"{port}"];
        var process = Process.Start("/bin/sh", ["-c", "exec \"$@\" >/dev/full 2>/dev/full", "sh", .. command]);
        var server = new ServerProcess(process, new Uri($"http://127.0.0.1:{port}"));
        while (true)
        {
            try
            {
                await server.Client.GetStringAsync("/health", TestContext.Current.CancellationToken);
                return server;
            }
            catch (HttpRequestException)
            {
                Assert.False(process.HasExited, "it has ended");
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Runs the program to its end with some environment variables more.</summary>
    public static Task<ChildProcess.Ended> RunAsync(IReadOnlyDictionary<string, string> environment, string? input, params string[] args) =>
        ChildProcess.RunAsync("dotnet", [_program, .. args], environment, input: input);

    /// <summary>Ends it as a crash does.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Asks it to end, as a service's manager does, and waits; the exit code.</summary>
    public int Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        kill.WaitForExit();
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    private static Process Start(string[] args, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet", [_program, .. args])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }
}
