using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Connections;

namespace HoverFast.Server.Hosting;

/// <summary>Leaves each address a part of the server's connections, so that one machine that opens many can't keep the others out.</summary>
internal static class ConnectionShare
{
    /// <summary>Connections of all clients together.</summary>
    public const int All = 500;

    /// <summary>Connections of one address; browsers open six.</summary>
    public const int OfOneAddress = 100;

    /// <summary>Drops connections of an address that has its share.</summary>
    public static IConnectionBuilder UseConnectionShare(this IConnectionBuilder listen)
    {
        var open = new ConcurrentDictionary<IPAddress, int>();
        return listen.Use(next => async connection =>
        {
            var address = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
            if (open.AddOrUpdate(address, 1, (_, n) => n + 1) <= OfOneAddress)
            {
                try
                {
                    await next(connection);
                }
                finally
                {
                    Leave(address);
                }
            }
            else
            {
                Leave(address);
                connection.Abort(new ConnectionAbortedException("Too many connections of one address."));
            }
        });

        void Leave(IPAddress address)
        {
            if (open.AddOrUpdate(address, 0, (_, n) => n - 1) == 0)
            {
                // Removed only if nobody has come since.
                open.TryRemove(new KeyValuePair<IPAddress, int>(address, 0));
            }
        }
    }
}
