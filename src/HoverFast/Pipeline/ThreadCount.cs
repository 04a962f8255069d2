using System.Globalization;

namespace HoverFast.Pipeline;

/// <summary>How many threads this process may keep busy.</summary>
public static class ThreadCount
{
    /// <summary>The most threads that may be asked for.</summary>
    public const int Most = 1024;

    /// <summary>
    /// The cores that the process really has: .NET's count honours affinity and the container's CPU limit (cgroup v1 and v2); a Slurm
    /// task may have fewer still.
    /// </summary>
    public static int Available => Within(Environment.ProcessorCount, Environment.GetEnvironmentVariable("SLURM_CPUS_PER_TASK"));

    /// <summary>The lesser of the cores and of what Slurm allots, at least 1.</summary>
    internal static int Within(int cores, string? slurmCpusPerTask) =>
        int.TryParse(slurmCpusPerTask, NumberStyles.None, CultureInfo.InvariantCulture, out var allotted) && allotted > 0
            ? Math.Max(1, Math.Min(cores, allotted))
            : Math.Max(1, cores);
}
