using System.Text;
using System.Text.Json;
using HoverFast.Files.Chains;
using HoverFast.Review.Logs;
using HoverFast.Tests;
using Xunit;

namespace HoverFast.Review.Tests;

public sealed class ChainedLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string LogPath => _folder.File("a.jsonl");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void EntriesComeBackInTheirOrder()
    {
        var log = Written(3);

        Assert.Equal(["edit 1", "edit 2", "edit 3"], Open().Entries);
        Assert.Equal(log.Head, Open().Head);
        Assert.Null(LogCheck.Of(LogPath).Problem);
    }

    [Fact]
    public void EveryChangedByteIsFound()
    {
        Written(2);
        var whole = File.ReadAllBytes(LogPath);
        for (var i = 0; i < whole.Length; i++)
        {
            var changed = whole.ToArray();
            changed[i] ^= 1;
            File.WriteAllBytes(LogPath, changed);
            Assert.True(LogCheck.Of(LogPath).Problem is not null, $"byte {i} of {whole.Length}");
        }
    }

    [Fact]
    public void AnEntryTakenOutIsFound()
    {
        Written(3);
        var lines = File.ReadAllLines(LogPath);
        File.WriteAllLines(LogPath, [lines[0], lines[2]]);

        Assert.Contains("entry 2 doesn't follow", LogCheck.Of(LogPath).Problem, StringComparison.Ordinal);
    }

    /// <summary>A file that can't flush throws when it is closed, too: whoever wrote kept the log to himself from then on.</summary>
    [Fact]
    public void AFullDiskIsToldOnceAndGivesTheLogFree()
    {
        using var file = new FullFile(LogPath);
        var writer = new ChainedWriter(file, 0, ChainedLine.Nothing, 0);

        Assert.Throws<IOException>(() => writer.Append("{}"u8));
        writer.Dispose();
        Assert.Empty(Open().Entries);
    }

    [Fact]
    public void AnEntryWhoseHeadFindsNoRoomIsWrittenAllTheSame()
    {
        var log = Written(1);
        var head = LogHead.PathFor(LogPath);
        File.Delete(head);
        Directory.CreateDirectory(head);

        using (var writing = log.Begin())
        {
            writing.Append("edit 2");
        }

        Directory.Delete(head);
        Assert.Equal(["edit 1", "edit 2"], Open().Entries);
        using (var writing = log.Begin())
        {
            writing.Append("edit 3");
        }

        Assert.Equal(3, LogHead.TryRead(LogPath)?.Count);
    }

    [Fact]
    public void EntriesCutOffAtTheEndAreFound()
    {
        Written(3);
        File.WriteAllLines(LogPath, File.ReadAllLines(LogPath)[..1]);

        Assert.Contains("2 entries are missing", LogCheck.Of(LogPath).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnfinishedLineIsToldAndTakenAwayByTheNextWrite()
    {
        Written(2);
        var third = ChainedLine.Make(3, Open().Head, "\"edit 3\""u8).Line;
        File.AppendAllText(LogPath, Encoding.UTF8.GetString(third.AsSpan(0, third.Length / 2)));
        Assert.Contains("cut off after entry 2", LogCheck.Of(LogPath).Problem, StringComparison.Ordinal);

        var log = Open();
        Append(log, "other");

        Assert.Equal(["edit 1", "edit 2", "other"], Open().Entries);
        Assert.Null(LogCheck.Of(LogPath).Problem);
    }

    [Fact]
    public void ALogMadeAnewDoesNotFitItsHead()
    {
        Written(2);
        var head = File.ReadAllText(LogHead.PathFor(LogPath));
        File.Delete(LogPath);
        var log = Open();
        Append(log, "forged 1");
        Append(log, "forged 2");
        File.WriteAllText(LogHead.PathFor(LogPath), head);

        Assert.Contains("made anew", LogCheck.Of(LogPath).Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WritersAtTheSameTimeMakeOneChain()
    {
        var writers = Enumerable.Range(0, 4).Select(w => Task.Run(
            () =>
            {
                var log = Open();
                for (var i = 0; i < 25; i++)
                {
                    Append(log, $"{w} {i}");
                }
            },
            TestContext.Current.CancellationToken));
        await Task.WhenAll(writers);

        var entries = Open().Entries;
        Assert.Equal(100, entries.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(100, entries.Count);
        Assert.Null(LogCheck.Of(LogPath).Problem);
    }

    private static void Append(ChainedLog<string> log, string entry)
    {
        using var writing = log.Begin();
        writing.Append(entry);
    }

    private ChainedLog<string> Open()
    {
        var log = new ChainedLog<string>(LogPath, JsonSerializerOptions.Default);
        log.Refresh();
        return log;
    }

    private ChainedLog<string> Written(int entries)
    {
        var log = Open();
        for (var i = 1; i <= entries; i++)
        {
            Append(log, $"edit {i}");
        }

        return log;
    }

    /// <summary>A file on a full disk.</summary>
    private sealed class FullFile(string path) : FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)
    {
        private bool _isClosed;

        public override void Flush(bool flushToDisk) => throw new IOException("No space left on device");

        protected override void Dispose(bool disposing)
        {
            if (_isClosed)
            {
                return;
            }

            // What is held in memory never comes to the disk.
            SetLength(0);
            _isClosed = true;
            base.Dispose(disposing);
            throw new IOException("No space left on device");
        }
    }
}
