using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace HoverFast.Server.Benchmarks;

/// <summary>The server as a process of its own, measured from outside.</summary>
internal sealed class MeasuredServer : IDisposable
{
    private readonly Process _process;

    private MeasuredServer(Process process, Uri address)
    {
        _process = process;
        Client = new HttpClient { BaseAddress = address };
    }

    /// <summary>A client of it.</summary>
    public HttpClient Client { get; }

    /// <summary>Bytes of memory now and at the peak.</summary>
    public (long Now, long Peak) Memory
    {
        get
        {
            _process.Refresh();
            return (_process.WorkingSet64, _process.PeakWorkingSet64);
        }
    }

    /// <summary>Seconds of processor time so far.</summary>
    public double CpuSeconds
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>Starts it and waits until it listens.</summary>
    public static async Task<MeasuredServer> StartAsync(string results, string slides)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false, RedirectStandardOutput = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "hoverfast-serve.dll"), results, "--slides", slides, "--port", "0"])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        var line = await process.StandardOutput.ReadLineAsync() ?? "";
        return new MeasuredServer(process, new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..]));
    }

    /// <summary>Asks for JSON.</summary>
    public Task<JsonElement> GetAsync(string path) => Client.GetFromJsonAsync<JsonElement>(path);

    /// <summary>The index of a slide's nuclei, once it is there, and the seconds until then.</summary>
    public async Task<(JsonElement Nuclei, double Seconds)> NucleiAsync(string id)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var nuclei = await GetAsync($"/api/slides/{id}/nuclei");
            if (nuclei.GetProperty("state").GetString() is var state && state != "building")
            {
                return state == "ready"
                    ? (nuclei, Stopwatch.GetElapsedTime(start).TotalSeconds)
                    : throw new InvalidOperationException($"the nuclei are {state}");
            }

            await Task.Delay(10);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Client.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }
}
