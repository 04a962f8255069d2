using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using HoverFast.Files;

namespace HoverFast.Jobs;

/// <summary>The run that holds a lock, as the lock file tells it.</summary>
internal sealed partial record LockOwner
{
    /// <summary>Bytes that a lock file may have.</summary>
    private const int MostBytes = 1 << 14;

    // EPERM: there is such a process, and it is another user's.
    private const int NotPermitted = 1;

    /// <summary>How lock files are written.</summary>
    public static JsonSerializerOptions Json { get; } =
        new()
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            WriteIndented = true,
            RespectNullableAnnotations = true,
        };

    /// <summary>The machine's name.</summary>
    public required string Host { get; init; }

    /// <summary>The machine's numbering of processes: containers have their own. Empty where systems have none.</summary>
    public required string Space { get; init; }

    /// <summary>The process.</summary>
    public required int Process { get; init; }

    /// <summary>When the process started, as the system counts it: numbers of processes are used again.</summary>
    public required string Started { get; init; }

    /// <summary>When the lock was taken, in UTC.</summary>
    public required DateTimeOffset Taken { get; init; }

    /// <summary>Tells this lock from all others.</summary>
    public required string Token { get; init; }

    /// <summary>The cluster's job that the process belongs to; empty where there is none.</summary>
    public string Job { get; init; } = "";

    /// <summary>How often that job had been queued again.</summary>
    public int Restart { get; init; }

    /// <summary>Whether its process would be found on this machine if it lived.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsOnThisMachine => Host == Environment.MachineName && Space == ThisSpace();

    /// <summary>
    /// Whether its process lives on this machine; null where a process of this number does and is hidden from this user, so that nobody can tell whether it
    /// is still the same.
    /// </summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool? Lives => StartOf(Process) is { } started ? started == Started : IsHidden(Process) ? null : false;

    /// <summary>Whether this process is a later run of the same job: a cluster starts it anew only where the one before is gone.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsEarlierRunOfThisJob => Job.Length > 0 && Job == ThisJob() && Restart < ThisRestart();

    /// <summary>The calling process.</summary>
    public static LockOwner This() => new()
    {
        Host = Environment.MachineName,
        Space = ThisSpace(),
        Process = Environment.ProcessId,
        Started = StartOf(Environment.ProcessId) ?? "",
        Taken = DateTimeOffset.UtcNow,
        Token = Guid.NewGuid().ToString("N"),
        Job = ThisJob(),
        Restart = ThisRestart(),
    };

    /// <summary>Reads a lock file; null where there is none, or it holds something else.</summary>
    public static LockOwner? TryRead(string path)
    {
        try
        {
            return
                FileStatus.KindOf(path, follow: false) == FileKind.Regular
                && JsonSerializer.Deserialize<LockOwner>(RegularFile.ReadAllBytes(path, MostBytes), Json) is { } owner
                && Guid.TryParseExact(owner.Token, "N", out _)
                ? owner
                : null;
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>In words: host, process, job, time.</summary>
    public override string ToString() =>
        $"host {Printable(Host)}, process {Process},{(Job.Length > 0 ? $" job {Printable(Job)}," : "")} since {Taken.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC";

    private static string Printable(string text) => string.Concat(text.Where(c => !char.IsControl(c)).Take(100));

    // Every task of an array has a number of its own here; two clusters may share a file system.
    private static string ThisJob() => Environment.GetEnvironmentVariable("SLURM_JOB_ID") is { Length: > 0 } job
        ? $"{Environment.GetEnvironmentVariable("SLURM_CLUSTER_NAME") ?? "slurm"} {job}"
        : "";

    private static int ThisRestart() =>
        int.TryParse(Environment.GetEnvironmentVariable("SLURM_RESTART_COUNT"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;

    private static string ThisSpace()
    {
        const string Numbering = "/proc/self/ns/pid";
        return OperatingSystem.IsLinux() ? new FileInfo(Numbering).LinkTarget ?? "" : "";
    }

    /// <summary>Whether a process of this number lives on this machine.</summary>
    public static bool IsAlive(int process) => StartOf(process) is not null || IsHidden(process);

    // Where /proc is mounted with hidepid, it doesn't show the processes of others; a signal of no effect tells of them all the same.
    private static bool IsHidden(int process) =>
        OperatingSystem.IsLinux()
        && process > 0
        && FileStatus.KindOf($"/proc/{process}/stat") == FileKind.Missing
        && (Signal(process, 0) == 0 || Marshal.GetLastPInvokeError() == NotPermitted);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Signal(int process, int signal);

    private static string? StartOf(int process)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // The 22nd field, in ticks since the machine started; the second, the name, stands in brackets and may hold anything.
                var status = File.ReadAllText($"/proc/{process}/stat");
                var fields = status[(status.LastIndexOf(')') + 2)..].Split(' ');

                // One that has ended and that nobody has asked about is still listed; containers often have no one who asks.
                return fields[0] is "Z" or "X" ? null : fields[19];
            }

            using var found = System.Diagnostics.Process.GetProcessById(process);
            return found.StartTime.ToUniversalTime().ToString("O");
        }
        catch (Exception e)
            when (e
                    is IOException
                        or UnauthorizedAccessException
                        or ArgumentException
                        or InvalidOperationException
                        or IndexOutOfRangeException
                        or System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
