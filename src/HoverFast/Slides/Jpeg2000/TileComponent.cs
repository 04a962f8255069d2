namespace HoverFast.Slides.Jpeg2000;

/// <summary>One component of a tile, cut into resolutions (T.800 B.5).</summary>
internal sealed class TileComponent
{
    public TileComponent(CodingStyle style, int x0, int y0, int x1, int y1, ref long blocks)
    {
        Resolutions = new Resolution[style.Levels + 1];
        for (var r = 0; r < Resolutions.Length; r++)
        {
            Resolutions[r] = new Resolution(style, r, x0, y0, x1, y1, ref blocks);
        }
    }

    /// <summary>The coarsest first.</summary>
    public Resolution[] Resolutions { get; }
}

/// <summary>One resolution: its rectangle, its bands and how many precincts cut it.</summary>
internal sealed class Resolution
{
    private const int MostPrecincts = 1_000_000;
    private readonly int _firstColumn;
    private readonly int _firstRow;
    private readonly int _columns;
    private readonly int _widthBits;
    private readonly int _heightBits;

    public Resolution(CodingStyle style, int index, int tileX0, int tileY0, int tileX1, int tileY1, ref long blocks)
    {
        var drop = style.Levels - index;
        X0 = TileDecoder.CeilingShift(tileX0, drop);
        Y0 = TileDecoder.CeilingShift(tileY0, drop);
        Width = TileDecoder.CeilingShift(tileX1, drop) - X0;
        Height = TileDecoder.CeilingShift(tileY1, drop) - Y0;
        _widthBits = style.PrecinctWidthBits(index);
        _heightBits = style.PrecinctHeightBits(index);
        _firstColumn = X0 >> _widthBits;
        _firstRow = Y0 >> _heightBits;
        _columns = Width == 0 ? 0 : TileDecoder.CeilingShift(X0 + Width, _widthBits) - _firstColumn;
        var rows = Height == 0 ? 0 : TileDecoder.CeilingShift(Y0 + Height, _heightBits) - _firstRow;
        if ((long)_columns * rows > MostPrecincts)
        {
            throw new InvalidDataException("The JPEG 2000 data is cut into absurdly many precincts.");
        }

        Precincts = _columns * rows;
        blocks += Precincts;
        Bands = index == 0
            ? [MakeBand(style, 0, drop, 0, tileX0, tileY0, tileX1, tileY1, ref blocks)]
            :
            [
                MakeBand(style, index, drop + 1, 1, tileX0, tileY0, tileX1, tileY1, ref blocks),
                MakeBand(style, index, drop + 1, 2, tileX0, tileY0, tileX1, tileY1, ref blocks),
                MakeBand(style, index, drop + 1, 3, tileX0, tileY0, tileX1, tileY1, ref blocks),
            ];
    }

    public int X0 { get; }

    public int Y0 { get; }

    public int Width { get; }

    public int Height { get; }

    /// <summary>How many precincts; each band has as many.</summary>
    public int Precincts { get; }

    /// <summary>LL alone, or HL, LH, HH.</summary>
    public Band[] Bands { get; }

    /// <summary>The upper left corner of a precinct on the resolution's grid (it may lie before the resolution's own).</summary>
    public (int X, int Y) CornerOf(int precinct) =>
        ((_firstColumn + (precinct % _columns)) << _widthBits, (_firstRow + (precinct / _columns)) << _heightBits);

    private Band MakeBand(CodingStyle style, int resolution, int level, int orientation, int tileX0, int tileY0, int tileX1, int tileY1, ref long blocks)
    {
        var (highX, highY) = (orientation & 1, orientation >> 1);
        var x0 = Edge(tileX0, level, highX);
        var y0 = Edge(tileY0, level, highY);
        var x1 = Edge(tileX1, level, highX);
        var y1 = Edge(tileY1, level, highY);
        var halved = resolution == 0 ? 0 : 1;
        var (precinctWidthBits, precinctHeightBits) = (_widthBits - halved, _heightBits - halved);
        var widthBits = Math.Min(style.BlockWidthBits, precinctWidthBits);
        var heightBits = Math.Min(style.BlockHeightBits, precinctHeightBits);
        var precincts = new Precinct[Precincts];
        for (var k = 0; k < precincts.Length; k++)
        {
            var left = (_firstColumn + (k % _columns)) << precinctWidthBits;
            var top = (_firstRow + (k / _columns)) << precinctHeightBits;
            precincts[k] = Precinct.Make(
                Math.Max(left, x0),
                Math.Max(top, y0),
                (int)Math.Min(left + (1L << precinctWidthBits), x1),
                (int)Math.Min(top + (1L << precinctHeightBits), y1),
                widthBits,
                heightBits,
                ref blocks);
        }

        var index = resolution == 0 ? 0 : (3 * (resolution - 1)) + orientation;
        return new Band(index, orientation, x0, y0, x1 - x0, y1 - y0, precincts);
    }

    /// <summary>Equation B-15.</summary>
    private static int Edge(int tile, int level, int high) =>
        level == 0 ? tile : (int)Math.Max(0, ((long)tile - ((long)high << (level - 1)) + (1L << level) - 1) >> level);
}

/// <summary>A band of one resolution.</summary>
/// <param name="Index">Its place in the list of quantisations.</param>
/// <param name="Orientation">0 LL, 1 HL, 2 LH, 3 HH.</param>
/// <param name="X0">Left edge on the band's grid.</param>
/// <param name="Y0">Upper edge.</param>
/// <param name="Width">Coefficients in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Precincts">Its parts.</param>
internal sealed record Band(int Index, int Orientation, int X0, int Y0, int Width, int Height, Precinct[] Precincts);

/// <summary>The blocks of a band that travel together in packets.</summary>
internal sealed class Precinct
{
    private const int MostBlocks = 4_000_000;

    private Precinct(int columns, int rows)
    {
        Columns = columns;
        Blocks = new Block[columns * rows];
        Inclusion = new TagTree(columns, rows);
        ZeroPlanes = new TagTree(columns, rows);
    }

    public int Columns { get; }

    public Block[] Blocks { get; }

    /// <summary>In which layer each block begins.</summary>
    public TagTree Inclusion { get; }

    /// <summary>How many upper bit planes of each block are zero.</summary>
    public TagTree ZeroPlanes { get; }

    /// <summary>Cuts a rectangle of a band into blocks.</summary>
    public static Precinct Make(int x0, int y0, int x1, int y1, int widthBits, int heightBits, ref long blocks)
    {
        if (x1 <= x0 || y1 <= y0)
        {
            return new Precinct(0, 0);
        }

        var (firstColumn, firstRow) = (x0 >> widthBits, y0 >> heightBits);
        var columns = TileDecoder.CeilingShift(x1, widthBits) - firstColumn;
        var rows = TileDecoder.CeilingShift(y1, heightBits) - firstRow;
        blocks += (long)columns * rows;
        if (blocks > MostBlocks)
        {
            throw new InvalidDataException("The JPEG 2000 data is cut into absurdly many blocks.");
        }

        var precinct = new Precinct(columns, rows);
        for (var i = 0; i < precinct.Blocks.Length; i++)
        {
            var left = (firstColumn + (i % columns)) << widthBits;
            var top = (firstRow + (i / columns)) << heightBits;
            precinct.Blocks[i] = new Block(
                Math.Max(left, x0),
                Math.Max(top, y0),
                Math.Min(left + (1 << widthBits), x1),
                Math.Min(top + (1 << heightBits), y1));
        }

        return precinct;
    }
}

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
