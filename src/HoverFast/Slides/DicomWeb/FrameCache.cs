namespace HoverFast.Slides.DicomWeb;

/// <summary>
/// Frames that were fetched last or are under way, bounded in bytes: two who ask for the same frame fetch it once. What failed is forgotten, so that it is
/// asked for again. Thread safe.
/// </summary>
internal sealed class FrameCache(long capacity)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Instance, int Frame), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _byUse = new();
    private long _bytes;

    /// <summary>Bytes of the frames held.</summary>
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

    /// <summary>Fetches a frame, unless it is at hand or under way.</summary>
    public Task<DicomWebFrame> Get((string Instance, int Frame) key, Func<Task<DicomWebFrame>> fetch)
    {
        ArgumentNullException.ThrowIfNull(fetch);
        lock (_lock)
        {
            if (_entries.TryGetValue(key, out var node))
            {
                _byUse.Remove(node);
                _byUse.AddFirst(node);
                return node.Value.Frame;
            }

            // On the pool, so that no caller waits for the request to be sent.
            var entry = new Entry(key, Task.Run(fetch));
            _entries[key] = _byUse.AddFirst(entry);
            _ = entry.Frame.ContinueWith(_ => Settle(entry), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            return entry.Frame;
        }
    }

    private void Settle(Entry entry)
    {
        lock (_lock)
        {
            if (!entry.Frame.IsCompletedSuccessfully)
            {
                Forget(entry);
                return;
            }

            entry.Length = entry.Frame.Result.Bytes.Length;
            _bytes += entry.Length;
            for (var node = _byUse.Last; _bytes > capacity && node is not null && node != _byUse.First;)
            {
                var before = node.Previous;
                if (node.Value.Length > 0)
                {
                    Forget(node.Value);
                }

                node = before;
            }
        }
    }

    private void Forget(Entry entry)
    {
        if (_entries.Remove(entry.Key, out var node))
        {
            _byUse.Remove(node);
            _bytes -= entry.Length;
        }
    }

    private sealed class Entry((string Instance, int Frame) key, Task<DicomWebFrame> frame)
    {
        public (string Instance, int Frame) Key => key;

        public Task<DicomWebFrame> Frame => frame;

        public long Length { get; set; }
    }
}
