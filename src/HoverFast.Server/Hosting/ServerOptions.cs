using System.Net;
using HoverFast.Server.Accounts;
using HoverFast.Server.Jobs;

namespace HoverFast.Server.Hosting;

/// <summary>What the server was started with.</summary>
internal sealed record ServerOptions
{
    /// <summary>The folder of results.</summary>
    public required string Results { get; init; }

    /// <summary>The folders whose slides are shown and may be segmented. Nothing outside of them is read.</summary>
    public required IReadOnlyList<string> SlideFolders { get; init; }

    /// <summary>The TCP port; 0 takes a free one.</summary>
    public int Port { get; init; } = 5080;

    /// <summary>The address that is listened on.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>Names that browsers may call the server by, beside its address; others are refused (DNS rebinding).</summary>
    public IReadOnlyList<string> HostNames { get; init; } = [];

    /// <summary>A certificate with its key (PFX, or PEM with both), or null.</summary>
    public string? Certificate { get; init; }

    /// <summary>Whether a reverse proxy on this machine ends TLS before the server.</summary>
    public bool BehindProxy { get; init; }

    /// <summary>The OpenID Connect provider that people log in with, or null.</summary>
    public IdentityProvider? Provider { get; init; }

    /// <summary>Pixel size taken for slides that state none, in um/px, or null.</summary>
    public double? Mpp { get; init; }

    /// <summary>Threads of a segmentation that is started from the page; null takes all.</summary>
    public int? Threads { get; init; }

    /// <summary>How segmentations are given to Slurm; null where the server does them itself.</summary>
    public SlurmSettings? Slurm { get; init; }

    /// <summary>Further options of the trainer for models that are taught from the page.</summary>
    public IReadOnlyList<string> TeachingOptions { get; init; } = [];

    /// <summary>Whether only this machine can reach the server.</summary>
    public bool IsLocal => IPAddress.IsLoopback(Address) && !BehindProxy;

    /// <summary>Whether it listens on all addresses of the machine, none of which is its name.</summary>
    public bool IsOnAllAddresses => Address.Equals(IPAddress.Any) || Address.Equals(IPAddress.IPv6Any);

    /// <summary>Whether browsers reach it by https.</summary>
    public bool IsEncrypted => Certificate is not null || BehindProxy;

    /// <summary>Where the server keeps its own files: beside the results.</summary>
    public string OwnFolder => Path.Combine(Results, ".viewer");

    /// <summary>Accounts, sessions, jobs and the log of actions.</summary>
    public string Database => Path.Combine(OwnFolder, "server.db");
}
