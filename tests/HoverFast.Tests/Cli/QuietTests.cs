using System.Diagnostics;
using Xunit;

namespace HoverFast.Tests.Cli;

/// <summary>
/// Nothing leaves the machine, and nothing is left in the home folder, whichever engine runs: the kernel's own record of the program's calls says so.
/// </summary>
public sealed class QuietTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("doctor")]
    [InlineData(
        "segment",
        "{picture}",
        "--mpp",
        "0.25",
        "--model",
        "hoverfast-he-float32",
        "-o",
        "{out}",
        "--output",
        "geojson,parquet,csv,labels,overlay,overview",
        "--measurements",
        "all"
    )]
    [InlineData("segment", "{picture}", "--mpp", "0.25", "-o", "{out}")]
    [InlineData("tune", "--input", "{slide}", "--threads", "1", "--seconds", "0")]
    [InlineData("bench", "hoverfast-he-float32", "--input", "{picture}", "--mpp", "0.25", "--threads", "1", "--budget", "0", "--in-this-process")]
    [InlineData("model", "info", "hoverfast-he-float32")]
    public async Task OpensNoConnectionAndWritesNothingIntoTheHomeFolder(params string[] args)
    {
        Assert.SkipUnless(CanTrace(), "needs strace (apt install strace), and the right to trace");
        var home = Directory.CreateDirectory(_folder.File("home")).FullName;
        var trace = _folder.File("trace");
        DarkDiscs.Write(_folder.File("a.png"), 300);
        if (args.Contains("{slide}"))
        {
            HoverFast.Synthetic.SyntheticSlide.Write(
                _folder.File("a.svs"),
                new HoverFast.Synthetic.SyntheticSlideOptions { Size = new HoverFast.Slides.PixelSize(1024, 1024), TissueFraction = 1 });
        }

        var start = new ProcessStartInfo("strace")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (
            var argument in (string[])
                [
                    "-f",
                    "--seccomp-bpf",
                    "-e",
                    "trace=network,openat",
                    "-o",
                    trace,
                    "dotnet",
                    Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"),
                    .. args.Select(Given),
                ])
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment["HOME"] = home;
        start.Environment["HOVERFAST_CONFIG_HOME"] = _folder.File("config");
        foreach (var variable in (string[])["ORT_DISABLE_TELEMETRY", "OTEL_EXPORTER_OTLP_ENDPOINT", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"])
        {
            start.Environment.Remove(variable);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await output;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, errors);

        var calls = await File.ReadAllLinesAsync(trace, TestContext.Current.CancellationToken);
        Assert.DoesNotContain(calls, c => c.Contains("AF_INET", StringComparison.Ordinal));
        Assert.DoesNotContain(calls, c => c.Contains("AF_NETLINK", StringComparison.Ordinal));
        Assert.Empty(Directory.EnumerateFileSystemEntries(home));

        // What is read of the home folder would be an identifier of an earlier run.
        Assert.DoesNotContain(calls, c => c.Contains("DeveloperTools", StringComparison.Ordinal));

        // A trace in which ONNX Runtime never comes up would prove nothing.
        Assert.True(
            args is ["segment", .., "-o", "{out}"]
                || calls.Any(c => c.Contains("libonnxruntime", StringComparison.Ordinal) && !c.Contains("ENOENT", StringComparison.Ordinal)));

        string Given(string argument) => argument switch
        {
            "{picture}" => _folder.File("a.png"),
            "{slide}" => _folder.File("a.svs"),
            "{out}" => _folder.File("out"),
            _ => argument,
        };
    }

    private static bool CanTrace()
    {
        try
        {
            var start = new ProcessStartInfo("strace") { UseShellExecute = false, RedirectStandardError = true };
            foreach (var argument in (string[])["-f", "--seccomp-bpf", "-e", "trace=network,openat", "-o", "/dev/null", "true"])
            {
                start.ArgumentList.Add(argument);
            }

            using var process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
