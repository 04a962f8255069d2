namespace HoverFast.Model.Engine;

/// <summary>
/// The rows of a picture of bytes, channels side by side, that are made from top to bottom and of which the last few are kept. Left,
/// right, above and below lies a border of zero points, so that convolutions know no edges.
/// </summary>
internal sealed unsafe class RowRing
{
    private readonly AlignedMemory _memory;
    private readonly byte* _first;
    private readonly nint _rowBytes;
    private readonly int _capacity;
    private readonly int _border;
    private readonly byte _zeroPoint;
    private readonly int _height;

    /// <summary>Makes an empty ring.</summary>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows that will be made.</param>
    /// <param name="channels">Bytes of a pixel.</param>
    /// <param name="zeroPoint">The byte of the border.</param>
    /// <param name="border">Pixels of border on the left.</param>
    /// <param name="slack">Pixels on the right that may be read, border included.</param>
    /// <param name="capacity">Rows that are kept.</param>
    public RowRing(int width, int height, int channels, byte zeroPoint, int border, int slack, int capacity)
    {
        const int Line = 64;
        _capacity = capacity;
        _border = border * channels;
        _zeroPoint = zeroPoint;
        _height = height;
        _rowBytes = (((nint)(border + width + slack) * channels) + Line - 1) & -Line;
        _memory = new AlignedMemory((capacity + 1) * _rowBytes);
        new Span<byte>(_memory.Start, checked((int)((capacity + 1) * _rowBytes))).Fill(zeroPoint);
        _first = _memory.Start + ((nint)border * channels);
        Width = width;
        Channels = channels;
    }

    /// <summary>Pixels of a row.</summary>
    public int Width { get; }

    /// <summary>Bytes of a pixel.</summary>
    public int Channels { get; }

    /// <summary>The first pixel of a row; of a row of the border where <paramref name="y"/> lies outside.</summary>
    public byte* Row(int y) => _first + ((y < 0 || y >= _height ? _capacity : y % _capacity) * _rowBytes);

    /// <summary>Writes the border at a row's right end again, which kernels may have written over.</summary>
    public void CloseRow(int y) => new Span<byte>(Row(y) + ((nint)Width * Channels), _border).Fill(_zeroPoint);
}
