using System.Diagnostics;
using System.Runtime.InteropServices;

namespace HoverFast.Pipeline;

/// <summary>
/// Processor time of the calling thread, in nanoseconds: what a step costs whatever else runs on the machine. Where the system doesn't tell
/// (other than Linux), the wall clock.
/// </summary>
internal static partial class ThreadTime
{
    private const int ThreadCpuClock = 3;

    /// <summary>Now, from an arbitrary start; only differences on one thread mean something.</summary>
    public static long Now => OperatingSystem.IsLinux() && ClockGetTime(ThreadCpuClock, out var time) == 0
        ? (time.Seconds * 1_000_000_000L) + time.Nanoseconds
        : (long)(Stopwatch.GetTimestamp() * (1e9 / Stopwatch.Frequency));

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int ClockGetTime(int clock, out TimeSpecification time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
