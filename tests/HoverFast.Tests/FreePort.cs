using System.Net;
using System.Net.Sockets;

namespace HoverFast.Tests;

/// <summary>TCP ports that nobody listens on.</summary>
internal static class FreePort
{
    /// <summary>One of the loopback's.</summary>
    public static int Find()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
