namespace HoverFast.Slides;

/// <summary>One level of a file that stores it in tiles (or strips: tiles as wide as the level). Decoding is thread safe.</summary>
internal interface ITileSource
{
    /// <summary>Pixels of the level.</summary>
    PixelSize Size { get; }

    /// <summary>Pixels of a tile; those at the right and lower edge reach over the level.</summary>
    PixelSize TileSize { get; }

    /// <summary>The powers of two by which tiles can be shrunk while decoding; tiles must still meet without a gap.</summary>
    IReadOnlyList<int> Reductions { get; }

    /// <summary>Whether the file surely holds a tile, so that a coarser level that lacks it can be made from it.</summary>
    /// <param name="column">Counted from the left.</param>
    /// <param name="row">Counted from the top.</param>
    bool Holds(int column, int row) => false;

    /// <summary>Says which tiles will be decoded next, so that a source that fetches them from afar can do so at once.</summary>
    void Announce(IReadOnlyList<(int Column, int Row)> tiles)
    {
    }

    /// <summary>Decodes one tile.</summary>
    /// <param name="column">Counted from the left.</param>
    /// <param name="row">Counted from the top.</param>
    /// <param name="reduction">One of <see cref="Reductions"/>.</param>
    /// <param name="rgb">Takes ceil(tile width / reduction) x ceil(tile height / reduction) pixels, rows without padding.</param>
    /// <returns>False when the file doesn't hold the tile: it is white.</returns>
    /// <exception cref="InvalidDataException">The tile is damaged.</exception>
    bool Decode(int column, int row, int reduction, Span<byte> rgb);

    /// <summary>A tile as the file stores it, where that is a JPEG of three 8-bit components that any decoder shows alike; null elsewhere.</summary>
    /// <param name="column">Counted from the left.</param>
    /// <param name="row">Counted from the top.</param>
    /// <exception cref="InvalidDataException">The tile is damaged.</exception>
    byte[]? JpegOf(int column, int row) => null;
}
