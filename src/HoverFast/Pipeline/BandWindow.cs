using HoverFast.Model;
using HoverFast.Slides;

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

    /// <summary>The tile's row that comes first.</summary>
    public int Top { get; private set; }

    /// <summary>The tile's first row whose picture has not been added.</summary>
    public int PictureEnd { get; private set; }

    /// <summary>The tile's first row whose maps have not been made.</summary>
    public int MapsEnd { get; private set; }

    /// <summary>Begins a tile.</summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="outputStride">Pixels on a side of a pixel of the maps.</param>
    /// <param name="hasTypes">Whether the maps have types.</param>
    public void Start(int width, int outputStride, bool hasTypes)
    {
        (_width, _outputStride, Top, PictureEnd, MapsEnd) = (width, outputStride, 0, 0, 0);
        _types = hasTypes ? _types ?? [] : null;
    }

    /// <summary>Moves down: rows above are forgotten.</summary>
    /// <param name="top">The tile's row that comes first then; a multiple of the output stride, and not beyond the rows at hand.</param>
    public void MoveTo(int top)
    {
        var mapWidth = _width / _outputStride;
        Up(_pixels, top - Top, PictureEnd - Top, _width * 3);
        var (from, end) = ((top - Top) / _outputStride, (MapsEnd - Top) / _outputStride);
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
    public void Reserve(int end) => Grow(ref _pixels, (end - Top) * _width * 3, Math.Max(0, PictureEnd - Top) * _width * 3);

    /// <summary>Adds the picture of the rows that come next.</summary>
    public void Add(RgbImage rows)
    {
        Reserve(PictureEnd + rows.Height);
        rows.Span.CopyTo(_pixels.AsSpan((PictureEnd - Top) * _width * 3));
        PictureEnd += rows.Height;
    }

    /// <summary>Takes rows of a tile whose picture and maps are there whole.</summary>
    /// <param name="picture">The tile's picture.</param>
    /// <param name="maps">Its maps.</param>
    /// <param name="top">The tile's row that comes first then.</param>
    /// <param name="end">The tile's row to stop before.</param>
    public void Take(RgbImage picture, NucleusMaps maps, int top, int end)
    {
        Start(picture.Width, picture.Width / maps.Width, maps.Types is not null);
        (Top, PictureEnd, MapsEnd) = (top, end, top);
        Grow(ref _pixels, (end - top) * _width * 3, 0);
        picture.Span[(top * _width * 3)..(end * _width * 3)].CopyTo(_pixels);
        maps.CopyBlock(0, top / _outputStride, maps.Width, (end - top) / _outputStride, Maps(end), 0, 0);
    }

    /// <summary>The picture from the first row to one of those at hand.</summary>
    /// <param name="end">The tile's row to stop before.</param>
    public RgbImage Picture(int end) => new(_width, end - Top, _pixels);

    /// <summary>The maps from the first row to another; rows that were not made are for the network to fill.</summary>
    /// <param name="end">The tile's row to stop before, a multiple of the output stride.</param>
    public NucleusMaps Maps(int end)
    {
        var (width, rows) = (_width / _outputStride, (end - Top) / _outputStride);
        var (length, kept) = (width * rows, width * Math.Max(0, (MapsEnd - Top) / _outputStride));
        Grow(ref _probability, length, kept);
        Grow(ref _horizontal, length, kept);
        Grow(ref _vertical, length, kept);
        if (_types is not null)
        {
            Grow(ref _types, length, kept);
        }

        MapsEnd = Math.Max(MapsEnd, end);
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
