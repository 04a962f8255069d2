using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using HoverFast.Cli;
using HoverFast.Slides;
using HoverFast.Training.Commands;
using Xunit;

namespace HoverFast.Training.Tests;

/// <summary>The program ends with the codes that its help tells, by which schedulers decide.</summary>
public sealed class ExitCodeTests
{
    [Fact]
    public async Task AFaultOfTheProgramIsTold()
    {
        var broken = new Command("broken");
        broken.SetAction((_, _) => Task.FromResult(Failure.Guard(() => throw new InvalidOperationException("nobody foresaw this"))));

        Assert.Equal(ExitCode.Fault, await TrainingProgram.RunAsync(["broken"], new RootCommand { broken }));
    }

    [Fact]
    public async Task SigtermHasACodeOfItsOwn()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no signals");
        using var folder = new TemporaryFolder();
        var pictures = Directory.CreateDirectory(Path.Combine(folder.Path, "pictures")).FullName;
        var picture = Drawn.Discs(256, 1).Image;
        for (var i = 0; i < 300; i++)
        {
            RgbImageFile.WritePng(Path.Combine(pictures, $"{i}.png"), picture);
        }

        var output = Path.Combine(folder.Path, "out");
        string[] command =
        [
            Path.Combine(AppContext.BaseDirectory, "hoverfast-train.dll"), "distill", "label", pictures, "-o", output, "--mpp", "0.25", "--size", "128",
            "--tiles", "1", "--views", "8", "--threads", "1", "--teacher", "hoverfast-he-float32",
        ];
        using var process = Process.Start(new ProcessStartInfo("dotnet", command) { UseShellExecute = false, RedirectStandardError = true })!;
        var told = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        while (!Directory.Exists(output) || !Directory.EnumerateFiles(output, "*.png", SearchOption.AllDirectories).Any())
        {
            Assert.False(process.HasExited, "it was done before it could be stopped");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        // Twice, as timeout(1) and managers of services do: the second must not end it at once.
        var kill = string.Create(CultureInfo.InvariantCulture, $"kill -TERM {process.Id}");
        using var signals = Process.Start("sh", ["-c", $"{kill}; sleep 0.02; {kill}"]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(ExitCode.Terminated, process.ExitCode);
        Assert.Contains("Stopped.", await told, StringComparison.Ordinal);
    }
}
