using System.Diagnostics;
using System.Globalization;

namespace HoverFast.Pipeline;

/// <summary>The most memory that this process has held so far.</summary>
internal static class PeakMemory
{
    /// <summary>Peak resident bytes: the kernel's high-water mark (VmHWM) on Linux, the peak working set elsewhere.</summary>
    public static long Bytes
    {
        get
        {
            const string Status = "/proc/self/status";
            if (File.Exists(Status))
            {
                foreach (var line in File.ReadLines(Status))
                {
                    if (line.StartsWith("VmHWM:", StringComparison.Ordinal))
                    {
                        return long.Parse(line.AsSpan(6).Trim().TrimEnd("kB").Trim(), CultureInfo.InvariantCulture) * 1024;
                    }
                }
            }

            using var process = Process.GetCurrentProcess();
            return process.PeakWorkingSet64;
        }
    }
}
