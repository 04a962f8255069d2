using System.Numerics;

namespace HoverFast.Server.Nuclei;

/// <summary>Bytes that grow, with the numbers of protocol buffers.</summary>
internal sealed class ByteBuffer
{
    /// <summary>Bytes of the longest number.</summary>
    private const int MostVarint = 5;

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
        if (Length + MostVarint > _bytes.Length)
        {
            Grow(MostVarint);
        }

        var bytes = _bytes;
        var at = Length;
        while (value >= 0x80)
        {
            bytes[at++] = (byte)(value | 0x80);
            value >>= 7;
        }

        bytes[at++] = (byte)value;
        Length = at;
    }

    /// <summary>Bytes that <see cref="AddVarint"/> takes for a number.</summary>
    public static int VarintBytes(uint value) => 1 + ((31 - BitOperations.LeadingZeroCount(value | 1)) / 7);

    /// <summary>Adds a signed number, small ones in few bytes.</summary>
    public void AddZigzag(int value) => AddVarint((uint)((value << 1) ^ (value >> 31)));

    /// <summary>Room for bytes that the caller writes.</summary>
    public Span<byte> Reserve(int count)
    {
        if (Length + count > _bytes.Length)
        {
            Grow(count);
        }

        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }

    private void Grow(int count) => Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + count));
}
