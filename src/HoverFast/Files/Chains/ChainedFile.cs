namespace HoverFast.Files.Chains;

/// <summary>
/// An append-only log of JSON lines, each chained to the one before by a hash (<see cref="ChainedLine"/>). Several processes may append: each reads what the
/// others wrote first. What a crash left of a line that was never whole is cut off by the next append.
/// </summary>
internal static class ChainedFile
{
    private const int MostWaitMilliseconds = 10_000;
    private const int WaitMilliseconds = 5;
    private const long MostBytes = 1L << 30;

    /// <summary>Takes an entry while a log is read: its number from 1, its JSON, its hash and where its line ends.</summary>
    public delegate void Taker(long number, byte[] entry, string hash, long end);

    /// <summary>Begins to append: nobody else writes until the writer is disposed of, and all that others wrote was read.</summary>
    /// <param name="path">The log; made if it is missing.</param>
    /// <exception cref="BrokenLogException">The chain doesn't hold.</exception>
    /// <exception cref="IOException">The log can't be written.</exception>
    public static ChainedWriter Begin(string path)
    {
        PartialFile.RequireNoFolder(path);
        var file = Wait(() => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        try
        {
            var (number, head) = (0L, ChainedLine.Nothing);
            var end = Walk(path, file, 0, 0, head, (n, _, hash, _) => (number, head) = (n, hash));
            return new ChainedWriter(file, number, head, end);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Appends an entry; it is on the disk when this returns.</summary>
    /// <param name="path">The log; made if it is missing.</param>
    /// <param name="entry">The entry's JSON, on one line.</param>
    /// <returns>Its number, from 1.</returns>
    /// <exception cref="BrokenLogException">The chain doesn't hold; nothing is appended.</exception>
    /// <exception cref="IOException">The log can't be written.</exception>
    public static long Append(string path, ReadOnlySpan<byte> entry)
    {
        using var writer = Begin(path);
        return writer.Append(entry);
    }

    /// <summary>Reads all entries and their hashes, once others that write to it are done.</summary>
    /// <exception cref="BrokenLogException">The chain doesn't hold, or its last line is cut off.</exception>
    /// <exception cref="IOException">There is none, or it can't be read.</exception>
    public static (IReadOnlyList<byte[]> Entries, IReadOnlyList<string> Hashes) Read(string path)
    {
        var (entries, hashes) = (new List<byte[]>(), new List<string>());
        RegularFile.Require(path);
        using var file = Wait(() => RegularFile.OpenRead(path));
        var end = Walk(path, file, 0, 0, ChainedLine.Nothing, (_, entry, hash, _) =>
        {
            entries.Add(entry);
            hashes.Add(hash);
        });
        return end == file.Length
            ? (entries, hashes)
            : throw new BrokenLogException(path, entries.Count + 1, $"the line after entry {entries.Count} is cut off.");
    }

    /// <summary>Goes through the whole lines of an open log.</summary>
    /// <param name="path">The log, for messages.</param>
    /// <param name="file">The open log.</param>
    /// <param name="from">Where to begin: the end of what is known.</param>
    /// <param name="known">Entries that are known.</param>
    /// <param name="head">Hash of the last of them.</param>
    /// <param name="take">Takes each entry after those.</param>
    /// <returns>The end of the last whole line.</returns>
    /// <exception cref="BrokenLogException">The chain doesn't hold.</exception>
    /// <exception cref="IOException">The log is too long.</exception>
    public static long Walk(string path, FileStream file, long from, long known, string head, Taker take)
    {
        if (file.Length - from > MostBytes)
        {
            throw new IOException($"{path}: a log of {file.Length >> 20} MiB is longer than can be read.");
        }

        var bytes = new byte[file.Length - from];
        file.Position = from;
        file.ReadExactly(bytes);
        var end = 0;
        for (var length = bytes.AsSpan().IndexOf((byte)'\n'); length >= 0; length = bytes.AsSpan(end).IndexOf((byte)'\n'))
        {
            (var entry, head) = ChainedLine.Read(path, bytes.AsSpan(end, length), ++known, head);
            end += length + 1;
            take(known, entry, head, from + end);
        }

        return from + end;
    }

    /// <summary>Opens a log, waiting for others that write to it.</summary>
    public static FileStream Wait(Func<FileStream> open)
    {
        for (var waited = 0; ; waited += WaitMilliseconds)
        {
            try
            {
                return open();
            }
            catch (IOException e) when (e is not (FileNotFoundException or DirectoryNotFoundException) && waited < MostWaitMilliseconds)
            {
                Thread.Sleep(WaitMilliseconds);
            }
        }
    }
}
