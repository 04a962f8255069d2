using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using HoverFast.Server.Accounts;
using Xunit;

namespace HoverFast.Server.Tests;

/// <summary>The server as users run it: a process of its own on a free port.</summary>
internal sealed partial class RunningServer : IDisposable
{
    private static readonly Dictionary<string, string> _nothing = [];
    private readonly Process _process;

    private RunningServer(Process process, Uri address)
    {
        _process = process;
        Address = address;
        Client = NewClient();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>A client that keeps its cookies.</summary>
    public HttpClient Client { get; }

    /// <summary>Bytes of memory at its peak.</summary>
    public long PeakBytes
    {
        get
        {
            _process.Refresh();
            return _process.PeakWorkingSet64;
        }
    }

    /// <summary>Starts it.</summary>
    public static Task<RunningServer> StartAsync(string results, string slides, params string[] more) => StartInAsync(_nothing, results, slides, more);

    /// <summary>Starts it with some environment variables more.</summary>
    public static async Task<RunningServer> StartInAsync(IReadOnlyDictionary<string, string> environment, string results, string slides, params string[] more)
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
        var address = ListensAt().Match(line);
        Assert.True(address.Success, $"the server says '{line}' {told}");
        return new RunningServer(process, new Uri(address.Value));
    }

    /// <summary>Runs the program to its end.</summary>
    public static Task<(int Code, string Output, string Error)> RunAsync(string? input, params string[] args) => RunInAsync(_nothing, input, args);

    /// <summary>Runs the program to its end with some environment variables more.</summary>
    public static async Task<(int Code, string Output, string Error)> RunInAsync(
        IReadOnlyDictionary<string, string> environment,
        string? input,
        params string[] args)
    {
        using var process = Start(args, environment);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }

    /// <summary>A client without cookies.</summary>
    public HttpClient NewClient() => new(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = Address };

    /// <summary>Asks for JSON.</summary>
    public async Task<JsonElement> GetAsync(string path) => await Client.GetFromJsonAsync<JsonElement>(path, TestContext.Current.CancellationToken);

    /// <summary>Changes something, with the token that the page would send.</summary>
    public Task<HttpResponseMessage> ChangeAsync(HttpMethod method, string path, object? body = null) => ChangeAsync(Client, method, path, body);

    /// <summary>Changes something as the client's user, with the token that the page would send.</summary>
    public static async Task<HttpResponseMessage> ChangeAsync(HttpClient client, HttpMethod method, string path, object? body = null)
    {
        var me = await client.GetFromJsonAsync<JsonElement>("/api/me", TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(method, path)
        {
            Content = body switch
            {
                null => null,
                HttpContent content => content,
                _ => JsonContent.Create(body),
            },
        };
        request.Headers.Add(ChangeGuard.Header, me.GetProperty("token").GetString());
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>The id of a slide.</summary>
    public async Task<string> IdOfAsync(string name) =>
        (await GetAsync("/api/slides")).EnumerateArray().Single(s => s.GetProperty("name").GetString() == name).GetProperty("id").GetString()!;

    /// <summary>Waits until the nuclei of a slide can be asked for.</summary>
    public async Task<JsonElement> NucleiAsync(string id)
    {
        while (true)
        {
            var nuclei = await GetAsync($"/api/slides/{id}/nuclei");
            if (nuclei.GetProperty("state").GetString() != "building")
            {
                return nuclei;
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Ends it as a crash does.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Asks it to end, as a service's manager does, and waits.</summary>
    public void Stop()
    {
        using var kill = Process.Start("kill", ["-TERM", $"{_process.Id}"]);
        kill.WaitForExit();
        _process.WaitForExit();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Client.Dispose();
        if (!_process.HasExited)
        {
            Kill();
        }

        _process.Dispose();
    }

    private static Process Start(string[] args, IReadOnlyDictionary<string, string> environment)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "hoverfast-serve.dll"));
        foreach (var argument in args)
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    [GeneratedRegex(@"https?://127\.0\.0\.1:\d+")]
    private static partial Regex ListensAt();
}
