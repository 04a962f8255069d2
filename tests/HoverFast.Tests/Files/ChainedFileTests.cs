using System.Text;
using HoverFast.Files.Chains;
using Xunit;

namespace HoverFast.Tests.Files;

public sealed class ChainedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Log => _folder.File("a.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EntriesComeBackInTheirOrder()
    {
        Fill(3);
        Assert.Equal(["{\"i\":0}", "{\"i\":1}", "{\"i\":2}"], ChainedFile.Read(Log).Entries.Select(Encoding.UTF8.GetString));
    }

    [Fact]
    public void EveryChangedByteIsFound()
    {
        Fill(3);
        var whole = File.ReadAllBytes(Log);
        for (var i = 0; i < whole.Length; i++)
        {
            var changed = (byte[])whole.Clone();
            changed[i] ^= 1;
            File.WriteAllBytes(Log, changed);
            Assert.Throws<BrokenLogException>(() => ChainedFile.Read(Log));
        }
    }

    [Fact]
    public void ALineTakenOutOrSwappedIsFound()
    {
        Fill(4);
        var lines = File.ReadAllLines(Log);
        File.WriteAllText(Log, string.Concat(((string[])[lines[0], lines[2], lines[3]]).Select(l => l + "\n")));
        Assert.Equal(2, Assert.Throws<BrokenLogException>(() => ChainedFile.Read(Log)).Entry);
        Assert.Throws<BrokenLogException>(() => ChainedFile.Append(Log, "{}"u8));
    }

    [Fact]
    public void WhatACrashLeftIsCutOffByTheNextAppend()
    {
        Fill(2);
        File.AppendAllText(Log, "{\"n\":3,\"prev");
        Assert.Throws<BrokenLogException>(() => ChainedFile.Read(Log));
        Assert.Equal(3, ChainedFile.Append(Log, "{\"i\":2}"u8));
        Assert.Equal(3, ChainedFile.Read(Log).Entries.Count);
    }

    [Fact]
    public void ManyWritersLoseNothing()
    {
        Parallel.For(0, 40, i => ChainedFile.Append(Log, Encoding.UTF8.GetBytes($"{{\"i\":{i}}}")));
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{{\"i\":{i}}}").Order(), ChainedFile.Read(Log).Entries.Select(Encoding.UTF8.GetString).Order());
    }

    [Fact]
    public async Task WhoReadsWaitsForWhoWrites()
    {
        Fill(1);
        Task<int> reading;
        using (var writer = ChainedFile.Begin(Log))
        {
            reading = Task.Run(() => ChainedFile.Read(Log).Entries.Count, TestContext.Current.CancellationToken);
            await Task.WhenAny(reading, Task.Delay(100, TestContext.Current.CancellationToken));
            writer.Append("{}"u8);
        }

        Assert.Equal(2, await reading);
    }

    private void Fill(int entries)
    {
        for (var i = 0; i < entries; i++)
        {
            Assert.Equal(i + 1, ChainedFile.Append(Log, Encoding.UTF8.GetBytes($"{{\"i\":{i}}}")));
        }
    }
}
