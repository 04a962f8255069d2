namespace HoverFast.Slides;

/// <summary>
/// What a file may ask of its reader. Every size, count and ratio that a file states is held against these limits before memory or time is
/// spent on it, so that a file below a megabyte takes at most about a gigabyte and ten seconds, whatever it states. Most limits grow with the
/// file's length: real slides hold far more bytes for their pixels. The methods throw <see cref="InvalidDataException"/> without a file name.
/// </summary>
internal static class ReadingLimits
{
    /// <summary>The longest side of a level or tile, in pixels.</summary>
    public const int LongestSide = 1 << 24;

    /// <summary>The most pixels of a picture that is held in memory as a whole; larger ones belong in a tiled file.</summary>
    public const long MostPicturePixels = 150_000_000;

    /// <summary>Tiles, frames or strips of one level.</summary>
    public const int MostTiles = 1 << 26;

    /// <summary>Bytes of a small file that is read whole (tables, regions, sidecars).</summary>
    public const long MostTextBytes = 256L << 20;

    /// <summary>Decoded bytes of a level that any file may state, and how many more with each of its bytes (a shared blank tile has few).</summary>
    private const long AnyLevelBytes = 1_500_000_000;
    private const long LevelBytesPerByte = 1500;

    /// <summary>Decoded bytes of one tile that any file may state, how many more with each of its bytes, and the most of all.</summary>
    private const long AnyTileBytes = 64L << 20;
    private const long TileBytesPerByte = 100;
    private const long MostTileBytes = 1_900_000_000;

    /// <summary>
    /// Places of absent tiles that any level may have, and how many more with each tile that is there; tiles that are tiny, and how many may be.
    /// </summary>
    private const long MostAbsent = 1_000_000;
    private const long AbsentPerTile = 100;
    private const int SmallTile = 64;
    private const long FewTiles = 10_000;

    /// <summary>Pixels of a picture that its codec can't decode row by row, that any file may state, and how many more with each of its bytes.</summary>
    private const long AnyWholePixels = 40_000_000;
    private const long WholePixelsPerByte = 50;
    private const long LabelPixelsPerByte = 100;

    /// <summary>Checks a side of a level or tile.</summary>
    public static int Side(long side) => side is > 0 and <= LongestSide
        ? (int)side
        : throw new InvalidDataException($"Its width, height or tile size would be {side} pixels.");

    /// <summary>Checks a level that is read in tiles.</summary>
    /// <param name="size">Its pixels.</param>
    /// <param name="bytesPerPixel">Stored bytes of a pixel before it becomes RGB.</param>
    /// <param name="fileLength">Bytes of the file, or of all files that hold the level.</param>
    public static void CheckLevel(PixelSize size, int bytesPerPixel, long fileLength)
    {
        var most = AnyLevelBytes + Times(fileLength, LevelBytesPerByte);
        if (size.Area > most / Math.Max(3, bytesPerPixel))
        {
            throw new InvalidDataException($"It would have {size} pixels, far more than a file of {fileLength} bytes can hold.");
        }
    }

    /// <summary>The fewest bytes of a file that <see cref="CheckLevel"/> takes a level from.</summary>
    /// <param name="size">Its pixels.</param>
    /// <param name="bytesPerPixel">Stored bytes of a pixel before it becomes RGB.</param>
    public static long LeastBytes(PixelSize size, int bytesPerPixel)
    {
        var beyond = ((size.Area + 1) * Math.Max(3, bytesPerPixel)) - AnyLevelBytes;
        return beyond <= 0 ? 0 : (beyond / LevelBytesPerByte) + 1;
    }

    /// <summary>Checks a tile or strip, which is decoded as a whole.</summary>
    /// <param name="size">Its pixels.</param>
    /// <param name="bytesPerPixel">Stored bytes of a pixel before it becomes RGB; they are held beside the RGB.</param>
    /// <param name="fileLength">Bytes of the file.</param>
    public static void CheckTile(PixelSize size, int bytesPerPixel, long fileLength)
    {
        var most = Math.Min(MostTileBytes, AnyTileBytes + Times(fileLength, TileBytesPerByte));
        if (size.Area > most / (3 + bytesPerPixel))
        {
            throw new InvalidDataException(
                $"Its tiles or strips would have {size} pixels of {bytesPerPixel} bytes, far more than a file of {fileLength} bytes can hold.");
        }
    }

    /// <summary>Checks a number of tiles, frames or strips.</summary>
    /// <param name="count">How many are stated.</param>
    /// <param name="bytesEach">The fewest bytes that the file spends on each.</param>
    /// <param name="fileLength">Bytes of the file.</param>
    /// <returns>The count.</returns>
    public static int Tiles(long count, int bytesEach, long fileLength) => count >= 0 && count <= MostTiles && count <= fileLength / Math.Max(1, bytesEach)
        ? (int)count
        : throw new InvalidDataException($"It would have {count} tiles, more than a file of {fileLength} bytes can list.");

    /// <summary>Checks the grid of a level whose tiles may be absent: each place costs time, whether it holds a tile or not.</summary>
    /// <param name="places">Places of tiles in the level.</param>
    /// <param name="tile">Pixels of a tile.</param>
    /// <param name="held">Tiles that are there.</param>
    public static void CheckGrid(long places, PixelSize tile, int held)
    {
        if (places > MostAbsent + (AbsentPerTile * held) || (places > FewTiles && tile.Area < SmallTile))
        {
            throw new InvalidDataException($"It would have {places} tiles of {tile} pixels, but holds {held}.");
        }
    }

    /// <summary>Whether a plain picture may be decoded into memory.</summary>
    /// <param name="size">Its pixels.</param>
    /// <param name="byRows">Whether its codec gives row after row; others hold the picture three times over.</param>
    /// <param name="fileLength">Bytes of the file.</param>
    public static bool MayHoldPicture(PixelSize size, bool byRows, long fileLength) =>
        size.Area <= MostPicturePixels && (byRows || size.Area <= AnyWholePixels + Times(fileLength, WholePixelsPerByte));

    /// <summary>Checks a label image, which is held as 32-bit numbers.</summary>
    /// <param name="size">Its pixels.</param>
    /// <param name="expected">The size of the picture that it labels, where that is known: then it may be as large, however few bytes it has.</param>
    /// <param name="fileLength">Bytes of the file.</param>
    public static void CheckLabels(PixelSize size, PixelSize? expected, long fileLength)
    {
        if (size.Area > MostPicturePixels || (size != expected && size.Area > AnyWholePixels + Times(fileLength, LabelPixelsPerByte)))
        {
            throw new InvalidDataException($"It would have {size} pixels, more than label images of {fileLength} bytes may have.");
        }
    }

    // No overflow: a sparse file's length may be anything.
    private static long Times(long length, long factor) => Math.Min(length, long.MaxValue / 4 / factor) * factor;
}
