using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace HoverFast.Tests.Cli.Telemetry;

/// <summary>A collector of OpenTelemetry on the loopback: takes what is posted to it as protobuf.</summary>
internal sealed class Collector : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _posts = new();
    private readonly Task _loop;

    /// <summary>Starts it.</summary>
    public Collector()
    {
        using (var free = new TcpListener(IPAddress.Loopback, 0))
        {
            free.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _loop = TakeAsync();
    }

    /// <summary>Its address, without a slash at the end.</summary>
    public string Address { get; }

    /// <summary>What came, by path.</summary>
    public IReadOnlyList<(string Path, byte[] Body)> Posts => [.. _posts];

    /// <summary>The spans that came.</summary>
    public IReadOnlyList<ProtobufFields> Spans => [.. Signals("/v1/traces").SelectMany(r => r.All(2)).SelectMany(s => s.All(2))];

    /// <summary>The metrics that came last, by name.</summary>
    public IReadOnlyDictionary<string, ProtobufFields> Metrics =>
        Signals("/v1/metrics").SelectMany(r => r.All(2)).SelectMany(s => s.All(2)).GroupBy(m => m.Text(1), StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => g.Last(), StringComparer.Ordinal);

    /// <summary>Attributes of the program that spans came from.</summary>
    public IReadOnlyDictionary<string, object> Resource => Signals("/v1/traces").First().All(1).Single().Attributes(1);

    public void Dispose()
    {
        _listener.Close();
        _loop.Wait();
    }

    private IEnumerable<ProtobufFields> Signals(string path) =>
        Posts.Where(p => p.Path == path).SelectMany(p => new ProtobufFields(p.Body).All(1));

    private async Task TakeAsync()
    {
        while (await NextAsync() is { } context)
        {
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            _posts.Enqueue((context.Request.Url!.AbsolutePath, body.ToArray()));
            context.Response.ContentType = "application/x-protobuf";
            context.Response.Close();
        }
    }

    /// <summary>The next request; null once this is disposed.</summary>
    private async Task<HttpListenerContext?> NextAsync()
    {
        try
        {
            return await _listener.GetContextAsync();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            return null;
        }
    }
}
