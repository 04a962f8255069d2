namespace HoverFast.Slides.Jpeg2000;

/// <summary>A code-block: a rectangle of a band and the bytes that its packets brought.</summary>
internal sealed class Block(int x0, int y0, int x1, int y1)
{
    private byte[] _bytes = [];
    private int _length;

    public int X0 => x0;

    public int Y0 => y0;

    public int X1 => x1;

    public int Y1 => y1;

    /// <summary>Upper bit planes known to be zero.</summary>
    public int ZeroPlanes { get; set; }

    /// <summary>Coding passes received.</summary>
    public int Passes { get; set; }

    /// <summary>Bits in which lengths are written; 0 until the block is first included.</summary>
    public int LengthBits { get; set; }

    /// <summary>Adds the bytes of one packet.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        // Two more, so that the arithmetic decoder finds its end.
        if (_bytes.Length < _length + bytes.Length + 2)
        {
            Array.Resize(ref _bytes, Math.Max(_length + bytes.Length + 2, _length * 2));
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    /// <summary>All bytes, followed by the end.</summary>
    public byte[] Bytes()
    {
        if (_bytes.Length < _length + 2)
        {
            Array.Resize(ref _bytes, _length + 2);
        }

        _bytes[_length] = 0xFF;
        _bytes[_length + 1] = 0xFF;
        return _bytes;
    }
}
