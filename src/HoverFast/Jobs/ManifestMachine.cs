using System.Runtime.InteropServices;
using HoverFast.Pipeline;

namespace HoverFast.Jobs;

/// <summary>The machine of a result.</summary>
public sealed record ManifestMachine
{
    /// <summary>Operating system.</summary>
    public required string System { get; init; }

    /// <summary>Processor architecture.</summary>
    public required string Architecture { get; init; }

    /// <summary>Cores that the process may use.</summary>
    public required int Cores { get; init; }

    /// <summary>The run time.</summary>
    public required string Runtime { get; init; }

    /// <summary>This machine. Its name is left out on purpose: manifests are shared.</summary>
    internal static ManifestMachine This() => new()
    {
        System = RuntimeInformation.OSDescription,
        Architecture = RuntimeInformation.ProcessArchitecture.ToString(),
        Cores = ThreadCount.Available,
        Runtime = RuntimeInformation.FrameworkDescription,
    };
}
