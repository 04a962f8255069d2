namespace HoverFast.Model.Engine;

/// <summary>
/// The rows of a picture of bytes, channels side by side, that are made from top to bottom and of which the last few are kept. Left,
/// right, above and below lies a border of zero points, so that convolutions know no edges.
/// </summary>
internal sealed unsafe class RowRing
{
    private readonly byte* _first;
    private readonly nint _rowBytes;
    private readonly int _capacity;
    private readonly int _border;
    private readonly byte _zeroPoint;
    private readonly int _height;

    /// <summary>Makes an empty ring in memory of <see cref="Bytes"/>.</summary>
    /// <param name="shape">Its numbers.</param>
    /// <param name="memory">Where the rows shall lie.</param>
    public RowRing(RingShape shape, byte* memory)
    {
        _capacity = shape.Capacity;
        _border = shape.Border * shape.Channels;
        _zeroPoint = shape.ZeroPoint;
        _height = shape.Height;
        _rowBytes = RowBytes(shape);
        new Span<byte>(memory, checked((int)Bytes(shape))).Fill(_zeroPoint);
        _first = memory + _border;
        Width = shape.Width;
        Channels = shape.Channels;
    }

    /// <summary>Pixels of a row.</summary>
    public int Width { get; }

    /// <summary>Bytes of a pixel.</summary>
    public int Channels { get; }

    /// <summary>Memory that a ring takes, a multiple of the cache's lines.</summary>
    public static nint Bytes(RingShape shape) => (shape.Capacity + 1) * RowBytes(shape);

    /// <summary>The first pixel of a row; of a row of the border where <paramref name="y"/> lies outside.</summary>
    public byte* Row(int y) => _first + ((y < 0 || y >= _height ? _capacity : y % _capacity) * _rowBytes);

    /// <summary>Writes the border at a row's right end again, which kernels may have written over.</summary>
    public void CloseRow(int y) => new Span<byte>(Row(y) + ((nint)Width * Channels), _border).Fill(_zeroPoint);

    private static nint RowBytes(RingShape shape)
    {
        const int Line = 64;
        return (((nint)(shape.Border + shape.Width + shape.Slack) * shape.Channels) + Line - 1) & -Line;
    }
}
