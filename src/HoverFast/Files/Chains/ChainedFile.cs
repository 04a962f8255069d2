namespace HoverFast.Files.Chains;

/// <summary>
/// An append-only log of JSON lines, each chained to the one before by a hash (<see cref="ChainedLine"/>). Several processes may append: each reads what the
/// others wrote first. What a crash left of a line that was never whole is cut off by the next append.
/// </summary>
internal static class ChainedFile
{
    private const int MostWaitMilliseconds = 10_000;
    private const int WaitMilliseconds = 10;
    private const long MostBytes = 1L << 30;

    /// <summary>Appends an entry; it is on the disk when this returns.</summary>
    /// <param name="path">The log; made if it is missing.</param>
    /// <param name="entry">The entry's JSON, on one line.</param>
    /// <returns>Its number, from 1.</returns>
    /// <exception cref="BrokenLogException">The chain doesn't hold; nothing is appended.</exception>
    /// <exception cref="IOException">The log can't be written.</exception>
    public static long Append(string path, ReadOnlySpan<byte> entry)
    {
        using var file = Open(path);
        var (entries, head, end) = Walk(path, file);
        var (line, _) = ChainedLine.Make(entries.Count + 1, head, entry);
        file.SetLength(end);
        file.Position = end;
        file.Write([.. line, (byte)'\n']);
        file.Flush(flushToDisk: true);
        return entries.Count + 1;
    }

    /// <summary>Reads all entries, and the hash of the last.</summary>
    /// <exception cref="BrokenLogException">The chain doesn't hold, or its last line is cut off.</exception>
    public static (IReadOnlyList<byte[]> Entries, string Head) Read(string path)
    {
        using var file = RegularFile.OpenRead(path);
        var (entries, head, end) = Walk(path, file);
        return end == file.Length
            ? (entries, head)
            : throw new BrokenLogException(path, entries.Count + 1, $"the line after entry {entries.Count} is cut off.");
    }

    private static (List<byte[]> Entries, string Head, long End) Walk(string path, FileStream file)
    {
        if (file.Length > MostBytes)
        {
            throw new IOException($"{path}: a log of {file.Length >> 20} MiB is longer than can be read.");
        }

        var bytes = new byte[file.Length];
        file.Position = 0;
        file.ReadExactly(bytes);
        var (entries, head, end) = (new List<byte[]>(), ChainedLine.Nothing, 0);
        for (var length = bytes.AsSpan().IndexOf((byte)'\n'); length >= 0; length = bytes.AsSpan(end).IndexOf((byte)'\n'))
        {
            (var entry, head) = ChainedLine.Read(path, bytes.AsSpan(end, length), entries.Count + 1, head);
            entries.Add(entry);
            end += length + 1;
        }

        return (entries, head, end);
    }

    private static FileStream Open(string path)
    {
        PartialFile.RequireNoFolder(path);
        for (var waited = 0; ; waited += WaitMilliseconds)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException e) when (e is not DirectoryNotFoundException && waited < MostWaitMilliseconds)
            {
                Thread.Sleep(WaitMilliseconds);
            }
        }
    }
}
