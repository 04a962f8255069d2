using System.Diagnostics;
using HoverFast.Cli;
using HoverFast.Cli.Commands;
using Xunit;

namespace HoverFast.Tests.Cli;

/// <summary>The commands that hand over to hoverfast-train find it wherever it may lie, or say how to get it.</summary>
public sealed class HandedOverCommandsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WhatTheVariableNamesIsRunWithAllArgumentsAndItsExitCode()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-in is a shell script");
        var program = WriteProgram(_folder.Path, "echo \"$@\"; exit 7");
        foreach (var place in new[] { program, _folder.Path })
        {
            var (code, output, _) = await Run(place, "train", "run.json", "-o", "a folder", "--help");
            Assert.Equal(7, code);
            Assert.Equal("train run.json -o a folder --help", output.Trim());
        }
    }

    /// <summary>Who ends the command ends the program: a server must not stay behind on its port.</summary>
    [Fact]
    public async Task SigtermIsHandedOn()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "there are no signals");
        var sign = _folder.File("ended");
        var program = WriteProgram(_folder.Path, $"trap 'touch {sign}; exit 5' TERM; touch {sign}.ready; while :; do sleep 0.1; done");
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false };
        start.Environment["HOVERFAST_TRAIN"] = program;
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"));
        start.ArgumentList.Add("train");
        using var process = Process.Start(start)!;
        while (!File.Exists(sign + ".ready"))
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        using var kill = Process.Start("kill", ["-TERM", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(5, process.ExitCode);
        Assert.True(File.Exists(sign));
    }

    [Fact]
    public async Task WhereItIsMissingTheMessageSaysWhatToDo()
    {
        var (code, _, error) = await Run(Path.Combine(_folder.Path, "nothing"), "adapt", "tiles");
        Assert.Equal(ExitCode.CannotStart, code);
        Assert.Contains("HOVERFAST_TRAIN is " + _folder.Path, error, StringComparison.Ordinal);
        (code, _, error) = await Run(null, "adapt", "tiles");
        if (code == ExitCode.CannotStart)
        {
            Assert.Contains("dotnet publish src/HoverFast.Training -c Release -o ", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task HelpNeedsNoTrainingProgram()
    {
        var (code, output, _) = await Run(Path.Combine(_folder.Path, "nothing"), "train", "--help");
        Assert.Equal(ExitCode.Success, code);
        Assert.Contains("hoverfast train: Train a student on labelled images", output, StringComparison.Ordinal);
    }

    /// <summary>A published program, called from within the clone; and a program in the clone, called from elsewhere.</summary>
    [Theory]
    [InlineData("src/HoverFast.Training/bin/Debug/net10.0")]
    [InlineData("src/HoverFast.Training/bin/Release/net10.0/linux-x64")]
    public void WhatWasBuiltInTheCloneIsFound(string built)
    {
        var clone = Directory.CreateDirectory(_folder.File("clone")).FullName;
        File.WriteAllText(Path.Combine(clone, "HoverFast.slnx"), "");
        var program = WriteProgram(Directory.CreateDirectory(Path.Combine(clone, built)).FullName, "");
        var published = Directory.CreateDirectory(_folder.File("published")).FullName;
        var inside = Directory.CreateDirectory(Path.Combine(clone, "docs")).FullName;

        Assert.Contains(program, HandedOverCommands.Training.Places(published, inside));
        Assert.Contains(program, HandedOverCommands.Training.Places(inside, published));
        Assert.DoesNotContain(program, HandedOverCommands.Training.Places(published, published));
        Assert.Equal(published, Path.GetDirectoryName(HandedOverCommands.Training.Places(published, inside).First()));
    }

    private static string WriteProgram(string folder, string script)
    {
        var path = Path.Combine(folder, OperatingSystem.IsWindows() ? "hoverfast-train.exe" : "hoverfast-train");
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        return path;
    }

    private static async Task<(int Code, string Output, string Error)> Run(string? place, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.Environment["HOVERFAST_TRAIN"] = place;
        start.ArgumentList.Add(Path.Combine(AppContext.BaseDirectory, "hoverfast.dll"));
        foreach (var arg in args)
        {
            start.ArgumentList.Add(arg);
        }

        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }
}
