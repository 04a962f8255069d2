namespace HoverFast.Slides.Jpeg2000;

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
