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

    /// <summary>
    /// The first of several ports in a row that nobody listens at, below those that the system gives to outgoing connections: one of those could be taken
    /// between the look and the use.
    /// </summary>
    /// <param name="count">How many.</param>
    public static int FindRow(int count)
    {
        var starts = Enumerable.Range(0, 1000).Select(i => 20_000 + (i * 10)).ToArray();
        Random.Shared.Shuffle(starts);
        return starts.First(start => Enumerable.Range(start, count).All(IsFree));
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Any, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
