using System.Runtime.InteropServices;

namespace HoverFast.Jobs;

/// <summary>The processor in its maker's words.</summary>
internal static class ProcessorName
{
    private const string CpuInfo = "/proc/cpuinfo";

    /// <summary>For example "AMD EPYC"; the architecture where the system doesn't tell.</summary>
    public static string OfThisMachine { get; } = Read();

    private static string Read()
    {
        if (File.Exists(CpuInfo) && File.ReadLines(CpuInfo).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) is { } line)
        {
            return line[(line.IndexOf(':') + 1)..].Trim();
        }

        return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER") ?? RuntimeInformation.ProcessArchitecture.ToString();
    }
}
