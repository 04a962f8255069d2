using System.Diagnostics;
using System.Globalization;
using HoverFast.Cli;
using HoverFast.Tests.Cluster;
using Xunit;

namespace HoverFast.Tests.Cli;

public sealed class StoppedBenchTests
{
    /// <summary>The process that measures is killed, and can delete nothing itself. The next one begins anew, and nobody is told otherwise.</summary>
    [Fact]
    public async Task LeavesNoTemporaryFiles()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs signals");
        using var batch = new BatchOfSlides(1, 4_000);
        var temporary = Directory.CreateDirectory(batch.File("temporary")).FullName;
        string[] command =
        [
            Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"), "bench", "hoverfast-he", "--threads", "1", "--input", Path.Combine(batch.Slides, "s00.svs"),
        ];
        var start = new ProcessStartInfo("dotnet", command) { UseShellExecute = false, RedirectStandardError = true };
        start.Environment["TMPDIR"] = temporary;
        using var process = Process.Start(start)!;
        while (!Directory.EnumerateFiles(temporary, "bench.journal", SearchOption.AllDirectories).Any())
        {
            Assert.False(process.HasExited, "it was done before it could be stopped");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Terminated, process.ExitCode);
        Assert.DoesNotContain("goes on", await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(temporary, "hoverfast-*"));
    }
}
