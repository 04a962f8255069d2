using System.Diagnostics;
using Xunit;

namespace HoverFast.Tests.Files;

/// <summary>Makes a pipe with a name; who opens it waits for ever.</summary>
internal static class Fifo
{
    /// <summary>Makes it, or the calling test is skipped.</summary>
    public static string Make(string path)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux: its pipes with names, and statx to tell them");
        using var process = Process.Start("mkfifo", [path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return path;
    }
}
