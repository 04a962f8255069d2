using System.Collections.Concurrent;

namespace HoverFast.Server.Nuclei;

/// <summary>A stream that is read ahead on a thread of its own: unpacking and parsing take a core each.</summary>
internal sealed class UnpackedText : IDisposable
{
    private const int BlockBytes = 1 << 20;
    private const int Blocks = 4;

    private readonly Stream _stream;
    private readonly BlockingCollection<byte[]> _free = [];
    private readonly BlockingCollection<(byte[] Block, int Length)> _full = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _reading;
    private (byte[] Block, int Length) _current = ([], 0);
    private int _at;

    /// <summary>Begins to read.</summary>
    public UnpackedText(Stream stream)
    {
        _stream = stream;
        for (var i = 0; i < Blocks; i++)
        {
            _free.Add(new byte[BlockBytes]);
        }

        _reading = Task.Factory.StartNew(ReadAhead, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Reads some of the text; 0 at the end.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public int Read(Span<byte> destination)
    {
        if (_at == _current.Length)
        {
            if (_current.Block.Length > 0)
            {
                _free.Add(_current.Block);
            }

            if (!_full.TryTake(out _current, Timeout.Infinite))
            {
                _current = ([], 0);
                _at = 0;
                _reading.GetAwaiter().GetResult();
                return 0;
            }

            _at = 0;
        }

        var count = Math.Min(destination.Length, _current.Length - _at);
        _current.Block.AsSpan(_at, count).CopyTo(destination);
        _at += count;
        return count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stop.Cancel();
        _reading
            .ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default)
            .GetAwaiter()
            .GetResult();
        _stream.Dispose();
        _stop.Dispose();
        _free.Dispose();
        _full.Dispose();
    }

    private void ReadAhead()
    {
        try
        {
            while (true)
            {
                var block = _free.Take(_stop.Token);
                var length = _stream.ReadAtLeast(block, block.Length, throwOnEndOfStream: false);
                if (length > 0)
                {
                    _full.Add((block, length), _stop.Token);
                }

                if (length < block.Length)
                {
                    return;
                }
            }
        }
        finally
        {
            _full.CompleteAdding();
        }
    }
}
