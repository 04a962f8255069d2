namespace HoverFast.Slides.Tiff;

/// <summary>One level of a tiled plane: where its tiles lie in the file. A length of 0 means background, which is not stored tile by tile.</summary>
internal sealed class PlaneLevel
{
    /// <summary>Pixels on a side of a tile.</summary>
    public const int TileSide = 256;

    /// <summary>Makes a level without tiles.</summary>
    public PlaneLevel(PixelSize size)
    {
        Size = size;
        Columns = (size.Width + TileSide - 1) / TileSide;
        Rows = (size.Height + TileSide - 1) / TileSide;
        Offsets = new long[Columns * Rows];
        Lengths = new long[Columns * Rows];
    }

    /// <summary>Pixels of the level.</summary>
    public PixelSize Size { get; }

    /// <summary>Tiles side by side.</summary>
    public int Columns { get; }

    /// <summary>Tiles one above the other.</summary>
    public int Rows { get; }

    /// <summary>Where each tile lies, row by row.</summary>
    public long[] Offsets { get; }

    /// <summary>Bytes of each tile.</summary>
    public long[] Lengths { get; }

    /// <summary>The level of half the size, rounded up; null where this one fits one tile.</summary>
    public PlaneLevel? Next() => Offsets.Length == 1 ? null : new PlaneLevel(new PixelSize((Size.Width + 1) / 2, (Size.Height + 1) / 2));
}
