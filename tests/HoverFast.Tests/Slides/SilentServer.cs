using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HoverFast.Tests.Slides;

/// <summary>A server on the loopback address that takes requests and never answers, or always says the same, whatever HTTP allows.</summary>
internal sealed class SilentServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<TcpClient> _clients = [];

    public SilentServer()
    {
        _listener.Start();
        Root = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/dicom-web";
        _ = ServeAsync();
    }

    /// <summary>The services' root.</summary>
    public string Root { get; }

    /// <summary>What it answers, as it is sent; null to stay silent.</summary>
    public string? Answer { get; init; }

    /// <summary>Released for each connection whose request begins.</summary>
    public SemaphoreSlim Asked { get; } = new(0);

    public void Dispose()
    {
        _listener.Stop();
        lock (_clients)
        {
            _clients.ForEach(c => c.Dispose());
        }

        Asked.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                lock (_clients)
                {
                    _clients.Add(client);
                }

                _ = TakeAsync(client.GetStream());
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end.
        }
    }

    private async Task TakeAsync(NetworkStream stream)
    {
        try
        {
            var request = new byte[1 << 16];
            var isFirst = true;
            while (await stream.ReadAsync(request) > 0)
            {
                if (isFirst)
                {
                    isFirst = false;
                    Asked.Release();
                    await stream.WriteAsync(Encoding.Latin1.GetBytes(Answer ?? string.Empty));
                }
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The client went away, or the end.
        }
    }
}
