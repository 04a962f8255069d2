using System.Diagnostics;
using System.Text.Json;
using HoverFast.Jobs;
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
