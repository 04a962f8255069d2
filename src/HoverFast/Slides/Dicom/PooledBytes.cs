using System.Buffers;

namespace HoverFast.Slides.Dicom;

/// <summary>Bytes of an exact length in memory that goes back to the pool.</summary>
internal sealed class PooledBytes : IMemoryOwner<byte>
{
    private readonly int _length;
    private byte[]? _bytes;

    /// <summary>Borrows memory.</summary>
    public PooledBytes(int length)
    {
        _length = length;
        _bytes = ArrayPool<byte>.Shared.Rent(length);
    }

    /// <inheritdoc/>
    public Memory<byte> Memory => (_bytes ?? throw new ObjectDisposedException(nameof(PooledBytes))).AsMemory(0, _length);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _bytes, null) is { } bytes)
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
