namespace HoverFast.Slides.Jpeg2000;

/// <summary>Bits of a packet header; after a byte of 0xFF comes a stuffed zero bit (T.800 B.10.1).</summary>
internal ref struct PacketBits(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private int _at;
    private int _bits;
    private byte _current;

    /// <summary>The next bit.</summary>
    public int Next()
    {
        if (_bits == 0)
        {
            if (_at >= _data.Length)
            {
                throw new InvalidDataException("The JPEG 2000 data is cut short.");
            }

            _bits = _current == 0xFF ? 7 : 8;
            _current = _data[_at++];
        }

        _bits--;
        return (_current >> _bits) & 1;
    }

    /// <summary>The next bits as a number, the highest first.</summary>
    public int Next(int count)
    {
        var value = 0;
        for (var i = 0; i < count; i++)
        {
            value = (value << 1) | Next();
        }

        return value;
    }

    /// <summary>Ends the header: bytes used, a stuffed byte included.</summary>
    public readonly int Length => _current == 0xFF ? Math.Min(_at + 1, _data.Length) : _at;
}
