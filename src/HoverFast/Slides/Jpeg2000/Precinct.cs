namespace HoverFast.Slides.Jpeg2000;

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
