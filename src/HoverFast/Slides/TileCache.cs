namespace HoverFast.Slides;

/// <summary>
/// The most recently used decoded tiles, bounded in bytes, so that neighbouring regions don't decode a tile twice. Thread safe:
/// two threads that ask for the same tile decode it once; memory goes back to the pool when nobody reads it any more.
/// </summary>
internal sealed class TileCache(long capacity) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(int Level, int Reduction, long Tile), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private long _bytes;

    /// <summary>Bytes of the tiles held.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return _bytes;
            }
        }
    }

    /// <summary>Whether a tile is at hand or being decoded.</summary>
    public bool Has((int Level, int Reduction, long Tile) key)
    {
        lock (_lock)
        {
            return _entries.ContainsKey(key);
        }
    }

    /// <summary>Fetches a tile, decoding it if need be. Dispose the lease when done reading.</summary>
    /// <param name="key">Which tile.</param>
    /// <param name="length">Bytes of the decoded tile.</param>
    /// <param name="decode">Fills the bytes; false when the tile is absent (white).</param>
    public Lease Get((int Level, int Reduction, long Tile) key, int length, Func<Memory<byte>, bool> decode)
    {
        Entry entry;
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var node))
            {
                entry = node.Value;
                _byUse.Remove(node);
                _byUse.AddFirst(node);
            }
            else
            {
                entry = new Entry(key, length);
                _entries[key] = _byUse.AddFirst(entry);
                _bytes += length;
                EvictSurplus(keep: entry);
            }

            entry.Readers++;
        }

        try
        {
            entry.Fill(decode);
        }
        catch
        {
            lock (_lock)
            {
                Forget(entry);
            }

            Release(entry);
            throw;
        }

        return new Lease(this, entry);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            while (_byUse.Last is { } last)
            {
                Forget(last.Value);
            }
        }
    }

    private void EvictSurplus(Entry keep)
    {
        while (_bytes > capacity && _byUse.Last is { } last && last.Value != keep)
        {
            Forget(last.Value);
        }
    }

    private void Forget(Entry entry)
    {
        if (_entries.TryGetValue(entry.Key, out var node) && node.Value == entry)
        {
            _entries.Remove(entry.Key);
            _byUse.Remove(node);
            _bytes -= entry.Length;
            entry.Forgotten = true;
            if (entry.Readers == 0)
            {
                entry.Free();
            }
        }
    }

    private void Release(Entry entry)
    {
        lock (_lock)
        {
            if (--entry.Readers == 0 && entry.Forgotten)
            {
                entry.Free();
            }
        }
    }

    /// <summary>The right to read a tile's bytes until disposed.</summary>
    internal readonly ref struct Lease(TileCache cache, Entry entry)
    {
        /// <summary>The decoded bytes; empty when the tile is absent from the file.</summary>
        public ReadOnlySpan<byte> Pixels => entry.Pixels is null ? default : entry.Pixels.AsSpan(0, entry.Length);

        /// <summary>Gives the right back.</summary>
        public void Dispose() => cache.Release(entry);
    }

    internal sealed class Entry((int Level, int Reduction, long Tile) key, int length)
    {
        private readonly Lock _decoding = new();
        private bool _decoded;

        public (int Level, int Reduction, long Tile) Key => key;

        public int Length => length;

        public int Readers { get; set; }

        public bool Forgotten { get; set; }

        public byte[]? Pixels { get; private set; }

        public void Fill(Func<Memory<byte>, bool> decode)
        {
            lock (_decoding)
            {
                if (_decoded)
                {
                    return;
                }

                var pixels = TileMemory.Rent(length);
                var present = false;
                try
                {
                    present = decode(pixels.AsMemory(0, length));
                }
                finally
                {
                    if (!present)
                    {
                        TileMemory.Return(pixels);
                    }
                }

                Pixels = present ? pixels : null;
                _decoded = true;
            }
        }

        public void Free()
        {
            if (Pixels is { } pixels)
            {
                Pixels = null;
                TileMemory.Return(pixels);
            }
        }
    }
}
