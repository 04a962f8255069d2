using System.CommandLine;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using HoverFast.Server.Accounts;
using HoverFast.Server.Hosting;
using Xunit;

namespace HoverFast.Server.Tests;

/// <summary>The server on a free port: within the tests' process, where it starts faster, or as a process of its own (<see cref="ServerProcess"/>).</summary>
internal partial class RunningServer : IDisposable
{
    private readonly Func<Task>? _end;
    private readonly Func<string>? _log;

    /// <summary>Takes a server that listens there.</summary>
    /// <param name="address">Where it listens.</param>
    /// <param name="end">Ends it.</param>
    /// <param name="log">What it wrote to standard error.</param>
    protected RunningServer(Uri address, Func<Task>? end, Func<string>? log = null)
    {
        (_end, _log) = (end, log);
        Address = address;
        Client = NewClient();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>A client that keeps its cookies.</summary>
    public HttpClient Client { get; }

    /// <summary>What it logged, where it runs within this process.</summary>
    public string Log => _log!();

    /// <summary>Starts it within this process, by the command line of the program.</summary>
    public static async Task<RunningServer> StartAsync(string results, string slides, params string[] more)
    {
        var stop = new CancellationTokenSource();
        using var output = new FirstLine();
        var text = new StringWriter();
        var error = TextWriter.Synchronized(text);
        var configuration = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            ProcessTerminationTimeout = null,
        };
        var run = Task.Run(() => ServeCommand.RunAsync([results, "--slides", slides, "--port", "0", .. more], configuration, stop.Token));
        await Task.WhenAny(output.Line, run).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        return new RunningServer(
            AddressIn(output.Line.IsCompleted ? await output.Line : "", Told()),
            async () =>
            {
                await stop.CancelAsync();
                await run;
                stop.Dispose();
            },
            Told);

        string Told()
        {
            // The lock that the writer itself takes.
            lock (error)
            {
                return text.ToString();
            }
        }
    }

    /// <summary>Runs a command line that ends by itself within this process.</summary>
    public static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await ServeCommand.RunAsync(
            args,
            new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = null },
            TestContext.Current.CancellationToken);
        return (code, output.ToString(), error.ToString());
    }

    /// <summary>Adds an account, as 'user add' does.</summary>
    public static void AddAccount(string results, string name, Role role, string password) =>
        new AccountStore(new ServerOptions { Results = results, SlideFolders = [] }.Database, TimeProvider.System).Put(new Account(name, role), password);

    /// <summary>A client without cookies.</summary>
    public HttpClient NewClient() =>
        new(new SocketsHttpHandler { AllowAutoRedirect = false, Expect100ContinueTimeout = TimeSpan.FromMinutes(1) }) { BaseAddress = Address };

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

        // What is too large is refused before it is sent: else the server hangs up on who still sends.
        request.Headers.ExpectContinue = request.Content is not null;
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

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the server.</summary>
    protected virtual void Dispose(bool disposing)
    {
        Client.Dispose();
        if (_end is not null)
        {
            // Off the tests' own scheduler, which may have this thread alone.
            Task.Run(_end).GetAwaiter().GetResult();
        }
    }

    /// <summary>The address in what the server says when it listens.</summary>
    protected static Uri AddressIn(string line, string errors)
    {
        var address = ListensAt().Match(line);
        Assert.True(address.Success, $"the server says '{line}' {errors}");
        return new Uri(address.Value);
    }

    [GeneratedRegex(@"https?://127\.0\.0\.1:\d+")]
    private static partial Regex ListensAt();

    /// <summary>Tells of the first line that is written.</summary>
    private sealed class FirstLine : StringWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public override Task WriteLineAsync(string? value)
        {
            _line.TrySetResult(value ?? "");
            return Task.CompletedTask;
        }
    }
}
