using System.Diagnostics;
using System.Text.Json;
using HoverFast.Jobs;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Guards;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Jobs;

public sealed class ResultLockTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Path => _folder.File("a.lock");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void OneRunHasItAndTheOtherIsToldWho()
    {
        using (ResultLock.Take(Path, "a"))
        {
            var error = Assert.Throws<ResultInUseException>(() => ResultLock.Take(Path, "a"));
            Assert.Contains(
                $"another run is writing a (host {Environment.MachineName}, process {Environment.ProcessId}, since",
                error.Message,
                StringComparison.Ordinal);
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        ResultLock.Take(Path, "a").Dispose();
    }

    [Fact]
    public void ALockOfAProcessThatIsGoneIsTaken()
    {
        using var gone = Process.Start("true");
        gone.WaitForExit();
        Write(LockOwner.This() with { Process = gone.Id });
        using var held = ResultLock.Take(Path, "a");
        held.Require();
        Assert.Single(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void AProcessThatHasEndedAndIsStillListedIsGone()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs Linux's list of processes");

        // The parent never asks about its child, which stays as a zombie.
        using var parent = Process.Start(
            new ProcessStartInfo("/bin/bash", ["-c", "sleep 0.1 & echo $!; exec sleep 60"]) { UseShellExecute = false, RedirectStandardOutput = true }
        )!;
        try
        {
            var child = int.Parse(parent.StandardOutput.ReadLine()!, System.Globalization.CultureInfo.InvariantCulture);
            while (!File.ReadAllText($"/proc/{child}/stat").Contains(") Z ", StringComparison.Ordinal))
            {
                Thread.Sleep(10);
            }

            Assert.False(LockOwner.IsAlive(child));
        }
        finally
        {
            parent.Kill();
        }
    }

    /// <summary>Where /proc is mounted with hidepid, as on clusters' login nodes, nobody sees other users' processes.</summary>
    [Fact]
    public async Task AProcessThatIsHiddenFromThisUserKeepsItsLock()
    {
        // Older systems would hide the processes of the whole machine and not of this mount alone.
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess && Environment.OSVersion.Version >= new Version(5, 8),
            "needs root's rights, to hide processes, and Linux 5.8");
        var picture = _folder.File("a.png");
        DarkDiscs.Write(picture, 400);
        var (output, errors) = (Directory.CreateDirectory(_folder.File("out")).FullName, _folder.File("errors"));
        OtherUser.Free(_folder.Path);
        OtherUser.Free(output);
        var command = await OtherUser.CommandAsync(
            _folder.Path, "segment", picture, "-o", output, "--model", DarknessModel.Write(_folder.Path), "--mpp", "0.25", "--write", "csv", "--no-tuning");
        using var held = ResultLock.Take(System.IO.Path.Combine(output, "a.lock"), "a");

        // It waits for this process until it is ended.
        const string Script = """
            errors=$1; shift
            mount -t proc -o hidepid=2 proc /proc || exit 99
            "$@" 2> "$errors" & pid=$!
            until grep -q 'another run is writing a ' "$errors"; do kill -0 $pid || exit 98; sleep 0.1; done
            kill $pid; wait $pid
            exit 0
            """;
        var ended = await ChildProcess.RunAsync("unshare", ["-m", "bash", "-c", Script, "bash", errors, .. command]);
        Assert.SkipWhen(ended.ExitCode == 99 || ended.Error.StartsWith("unshare:", StringComparison.Ordinal), "needs the right to mount (unshare -m)");
        Assert.True(ended.ExitCode == 0, await File.ReadAllTextAsync(errors, TestContext.Current.CancellationToken) + ended.Output + ended.Error);
        held.Require();
    }

    [Fact]
    public void ANumberThatAnotherProcessHasNowIsToldByItsStart()
    {
        Write(LockOwner.This() with { Started = "1" });
        ResultLock.Take(Path, "a").Dispose();
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(6, true)]
    public void ALockOfAnotherMachineIsDeadOnceItWasNotRefreshedForMinutes(int minutes, bool dead)
    {
        Write(LockOwner.This() with { Host = "another", Process = 1 });
        File.SetLastWriteTimeUtc(Path, DateTime.UtcNow.AddMinutes(-minutes));
        if (dead)
        {
            ResultLock.Take(Path, "a").Dispose();
        }
        else
        {
            Assert.Throws<ResultInUseException>(() => ResultLock.Take(Path, "a"));
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void ALockThatTheSameClusterJobLeftIsTakenOnceTheJobWasQueuedAgain(int restart, bool dead)
    {
        Environment.SetEnvironmentVariable("SLURM_JOB_ID", "17");
        Environment.SetEnvironmentVariable("SLURM_RESTART_COUNT", "0");
        try
        {
            Write(LockOwner.This() with { Host = "another", Process = 1 });
            Environment.SetEnvironmentVariable("SLURM_RESTART_COUNT", restart.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (dead)
            {
                ResultLock.Take(Path, "a").Dispose();
            }
            else
            {
                Assert.Contains("job slurm 17,", Assert.Throws<ResultInUseException>(() => ResultLock.Take(Path, "a")).Message, StringComparison.Ordinal);
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable("SLURM_JOB_ID", null);
            Environment.SetEnvironmentVariable("SLURM_RESTART_COUNT", null);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{\"host\":null}")]
    [InlineData("no lock at all")]
    public void WhatIsNoLockIsOneForHalfAMinute(string text)
    {
        File.WriteAllText(Path, text);
        Assert.Throws<ResultInUseException>(() => ResultLock.Take(Path, "a"));
        File.SetLastWriteTimeUtc(Path, DateTime.UtcNow.AddMinutes(-1));
        ResultLock.Take(Path, "a").Dispose();
    }

    [Fact]
    public void ALinkIsNotFollowed()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Links of files need rights on Windows.");
        var victim = _folder.Write("victim", [1, 2, 3]);
        File.CreateSymbolicLink(Path, victim);
        ResultLock.Take(Path, "a").Dispose();
        Assert.Equal([1, 2, 3], File.ReadAllBytes(victim));
    }

    [Fact]
    public void OfManyThatFindADeadLockOneAloneGoesOnAtATime()
    {
        for (var round = 0; round < 20; round++)
        {
            Write(LockOwner.This() with { Process = int.MaxValue });
            var (inside, most, times) = (0, 0, 0);
            var threads = Enumerable.Range(0, 8).Select(_ => new Thread(() =>
            {
                for (var i = 0; i < 5; i++)
                {
                    try
                    {
                        using var held = ResultLock.Take(Path, "a");
                        var now = Interlocked.Increment(ref inside);
                        InterlockedMax(ref most, now);
                        Thread.Sleep(1);
                        held.Require();
                        Interlocked.Decrement(ref inside);
                        Interlocked.Increment(ref times);
                    }
                    catch (ResultInUseException)
                    {
                        Thread.Sleep(1);
                    }
                }
            })).ToList();
            threads.ForEach(t => t.Start());
            threads.ForEach(t => t.Join());
            Assert.Equal((1, 0), (most, inside));
            Assert.True(times >= 1);
            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = most; value > seen; seen = most)
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }

    private void Write(LockOwner owner) => File.WriteAllBytes(Path, JsonSerializer.SerializeToUtf8Bytes(owner, LockOwner.Json));
}
