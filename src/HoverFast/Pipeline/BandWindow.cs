using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Tiles;

namespace HoverFast.Pipeline;

/// <summary>
/// The rows of a tile's picture and maps that its current band needs: it moves down the tile, and what the next band needs too moves up in it. Keeps its memory
/// for the next tile; serves one thread at a time.
/// </summary>
internal sealed class BandWindow
{
    private byte[] _pixels = [];
    private byte[] _probability = [];
    private sbyte[] _horizontal = [];
    private sbyte[] _vertical = [];
    private byte[]? _types;
    private int _width;
    private int _outputStride;

    // The tile's first row whose maps have not been made.
    private int _mapsEnd;

    /// <summary>The tile's row that comes first.</summary>
    public int Top { get; private set; }

    /// <summary>The tile's first row whose picture has not been added.</summary>
    public int PictureEnd { get; private set; }

    /// <summary>Begins a tile.</summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="outputStride">Pixels on a side of a pixel of the maps.</param>
    /// <param name="hasTypes">Whether the maps have types.</param>
    public void Start(int width, int outputStride, bool hasTypes)
    {
        (_width, _outputStride, Top, PictureEnd, _mapsEnd) = (width, outputStride, 0, 0, 0);
        _types = hasTypes ? _types ?? [] : null;
    }

    /// <summary>Moves down: rows above are forgotten.</summary>
    /// <param name="top">The tile's row that comes first then; a multiple of the output stride, and not beyond the rows at hand.</param>
    public void MoveTo(int top)
    {
        var mapWidth = _width / _outputStride;
        Up(_pixels, top - Top, PictureEnd - Top, _width * 3);
        var (from, end) = ((top - Top) / _outputStride, (_mapsEnd - Top) / _outputStride);
        Up(_probability, from, end, mapWidth);
        Up(_horizontal, from, end, mapWidth);
        Up(_vertical, from, end, mapWidth);
        if (_types is not null)
        {
            Up(_types, from, end, mapWidth);
        }

        Top = top;

        static void Up<T>(T[] rows, int from, int end, int width)
        {
            if (from > 0 && end > from)
            {
                Array.Copy(rows, from * width, rows, 0, (end - from) * width);
            }
        }
    }

    /// <summary>Makes room for the picture down to a row, so that memory grows once.</summary>
    public void Reserve(int end) => Grow(ref _pixels, (end - Top) * _width * 3, (PictureEnd - Top) * _width * 3);

    /// <summary>Adds the picture of the rows that come next.</summary>
    public void Add(RgbImage rows)
    {
        Reserve(PictureEnd + rows.Height);
        rows.Span.CopyTo(_pixels.AsSpan((PictureEnd - Top) * _width * 3));
        PictureEnd += rows.Height;
    }

    /// <summary>A band of a tile whose maps and picture are there whole: themselves where it is all of the tile, else copies in the window.</summary>
    /// <param name="band">The band.</param>
    /// <param name="tile">The tile.</param>
    /// <param name="maps">The tile's maps.</param>
    /// <param name="picture">Its picture.</param>
    public (NucleusMaps Maps, RgbImage Picture) Cut(Tile band, Tile tile, NucleusMaps maps, RgbImage picture)
    {
        if (band.Input == tile.Input)
        {
            return (maps, picture);
        }

        var (top, end) = (band.Input.Y - tile.Input.Y, band.Input.Bottom - tile.Input.Y);
        Start(picture.Width, picture.Width / maps.Width, maps.Types is not null);
        (Top, PictureEnd, _mapsEnd) = (top, top, top);
        Reserve(end);
        picture.Span[(top * _width * 3)..(end * _width * 3)].CopyTo(_pixels);
        PictureEnd = end;
        var rows = Maps(end);
        maps.CopyBlock(0, top / _outputStride, rows.Width, rows.Height, rows, 0, 0);
        return (rows, Picture(end));
    }

    /// <summary>The picture from the first row to one of those at hand.</summary>
    /// <param name="end">The tile's row to stop before.</param>
    public RgbImage Picture(int end) => new(_width, end - Top, _pixels);

    /// <summary>The maps from the first row to another; rows that were not made are for the network to fill.</summary>
    /// <param name="end">The tile's row to stop before, a multiple of the output stride.</param>
    public NucleusMaps Maps(int end)
    {
        var (width, rows) = (_width / _outputStride, (end - Top) / _outputStride);
        var (length, kept) = (width * rows, width * ((_mapsEnd - Top) / _outputStride));
        Grow(ref _probability, length, kept);
        Grow(ref _horizontal, length, kept);
        Grow(ref _vertical, length, kept);
        if (_types is not null)
        {
            Grow(ref _types, length, kept);
        }

        _mapsEnd = Math.Max(_mapsEnd, end);
        return new NucleusMaps(width, rows, _probability, _horizontal, _vertical, _types);
    }

    private static void Grow<T>(ref T[] rows, int length, int kept)
    {
        if (rows.Length < length)
        {
            var larger = new T[length];
            rows.AsSpan(0, kept).CopyTo(larger);
            rows = larger;
        }
    }
}
