namespace HoverFast.Files.Chains;

/// <summary>The right to append to a chained log, held until it is disposed of.</summary>
/// <param name="file">The log, open for this writer alone.</param>
/// <param name="number">Entries so far.</param>
/// <param name="head">Hash of the last one.</param>
/// <param name="end">End of the last whole line: what follows is of a write that was cut off.</param>
internal sealed class ChainedWriter(FileStream file, long number, string head, long end) : IDisposable
{
    private long _number = number;
    private string _head = head;
    private long _end = end;

    /// <summary>Hash of the last entry.</summary>
    public string Head => _head;

    /// <summary>End of the last entry's line.</summary>
    public long End => _end;

    /// <summary>Appends an entry; it is on the disk when this returns.</summary>
    /// <param name="entry">The entry's JSON, on one line.</param>
    /// <returns>Its number, from 1.</returns>
    public long Append(ReadOnlySpan<byte> entry)
    {
        var (line, hash) = ChainedLine.Make(_number + 1, _head, entry);
        file.SetLength(_end);
        file.Position = _end;
        file.Write([.. line, (byte)'\n']);
        file.Flush(flushToDisk: true);
        (_head, _end) = (hash, file.Position);
        return ++_number;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            file.Dispose();
        }
        catch (Exception e) when (PartialFile.IsDiskError(e))
        {
            // The disk is full, which Append has told; the next one cuts off what there is of the line.
        }
    }
}
