namespace HoverFast.Server.Nuclei;

/// <summary>Bytes that grow, with the numbers of protocol buffers.</summary>
internal sealed class ByteBuffer
{
    private byte[] _bytes = new byte[256];

    /// <summary>Bytes so far.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => _bytes.AsSpan(0, Length);

    /// <summary>Empties it; its memory is kept.</summary>
    public void Clear() => Length = 0;

    /// <summary>A copy of the bytes.</summary>
    public byte[] ToArray() => Span.ToArray();

    /// <summary>Adds a byte.</summary>
    public void Add(byte value) => Reserve(1)[0] = value;

    /// <summary>Adds bytes.</summary>
    public void Add(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Adds a number as LEB128.</summary>
    public void AddVarint(uint value)
    {
        while (value >= 0x80)
        {
            Add((byte)(value | 0x80));
            value >>= 7;
        }

        Add((byte)value);
    }

    /// <summary>Adds a signed number, small ones in few bytes.</summary>
    public void AddZigzag(int value) => AddVarint((uint)((value << 1) ^ (value >> 31)));

    /// <summary>Room for bytes that the caller writes.</summary>
    public Span<byte> Reserve(int count)
    {
        if (Length + count > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
        }

        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }
}
