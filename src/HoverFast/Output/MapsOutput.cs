using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Slides.Tiff;

namespace HoverFast.Output;

/// <summary>
/// The network's maps of a slide of any size: OME-TIFF of three or four channels of bytes in the maps' own pixels, smaller levels as SubIFDs. Probability is
/// 0 to 255 for 0 to 1, as is disagreement; the HV maps have 128 for 0 and 100 steps for 1. What the network was not shown is 0 in all of them. Smaller levels
/// are means; of HV maps, of the pixels that the network was shown. Memory does not grow with the slide.
/// </summary>
internal sealed class MapsOutput : INucleusOutput
{
    /// <summary>What stands for 0 in the HV maps.</summary>
    public const int HvZero = 128;

    private const long LargestPlain = 1L << 30;
    private const int Side = PlaneLevel.TileSide;

    private static readonly string[] _ofEach = ["Probability (255 is 1)", "Horizontal (128 is 0, 228 is 1)", "Vertical (128 is 0, 228 is 1)"];

    private readonly string[] _channels;
    private readonly PartialFile _file;
    private readonly TiffWriter _tiff;
    private readonly Mpp _mpp;
    private readonly (int X, int Y) _corner;
    private readonly PixelSize _size;
    private readonly PlanePyramid<byte>[] _planes;
    private readonly PlaneTiles<byte>[] _tiles;

    /// <summary>Starts the file.</summary>
    /// <param name="path">Where to; by custom <c>NAME.maps.tif</c>.</param>
    /// <param name="corner">First column and row of the slide's bounds, in map pixels of the working grid.</param>
    /// <param name="size">Map pixels of the slide's bounds.</param>
    /// <param name="mpp">Pixel size of the maps.</param>
    /// <param name="disagreement">What disagrees, as the fourth channel's name tells it ("8 views"); null for three channels.</param>
    public MapsOutput(string path, (int X, int Y) corner, PixelSize size, Mpp mpp, string? disagreement = null)
    {
        _channels = disagreement is null ? _ofEach : [.. _ofEach, $"Disagreement of {disagreement} (255 is 1)"];
        _file = new PartialFile(path);
        (_corner, _size, _mpp) = (corner, size, mpp);

        // Smaller levels add a third, and tiles that come back are written again: far below 4 GB.
        _tiff = new TiffWriter(_file.Stream, _channels.Length * size.Area > LargestPlain);
        _planes = [Plane(Mean), Plane(MeanOfShown), Plane(MeanOfShown), .. disagreement is null ? Array.Empty<PlanePyramid<byte>>() : [Plane(Mean)]];
        _tiles = [.. _planes.Select(p => new PlaneTiles<byte>(p))];

        PlanePyramid<byte> Plane(Func<byte, byte, byte, byte, byte> shrink) => new(_file.Stream, _tiff, size, shrink);
    }

    /// <inheritdoc/>
    public string Path => _file.Path;

    /// <summary>Does nothing: maps come tile by tile.</summary>
    public void Add(in SegmentedNucleus nucleus)
    {
    }

    /// <summary>Takes the maps of a tile; what lies outside of the slide's bounds is left out.</summary>
    public void Add(MapBlock block)
    {
        var (left, top) = (Math.Max(0, block.X - _corner.X), Math.Max(0, block.Y - _corner.Y));
        var right = Math.Min(_size.Width, block.X - _corner.X + block.Width);
        var bottom = Math.Min(_size.Height, block.Y - _corner.Y + block.Height);
        for (var row = top / Side; row * Side < bottom; row++)
        {
            for (var column = left / Side; column * Side < right; column++)
            {
                var index = (row * _planes[0].Full.Columns) + column;
                var (fromX, toX) = (Math.Max(left, column * Side), Math.Min(right, (column + 1) * Side));
                var (fromY, toY) = (Math.Max(top, row * Side), Math.Min(bottom, (row + 1) * Side));
                var tiles = Array.ConvertAll(_tiles, t => t.At(index));
                for (var y = fromY; y < toY; y++)
                {
                    var from = ((y + _corner.Y - block.Y) * block.Width) + fromX + _corner.X - block.X;
                    var to = (y % Side * Side) + (fromX % Side);
                    var count = toX - fromX;
                    block.Probability.AsSpan(from, count).CopyTo(tiles[0].AsSpan(to));
                    Shift(block.Horizontal.AsSpan(from, count), tiles[1].AsSpan(to));
                    Shift(block.Vertical.AsSpan(from, count), tiles[2].AsSpan(to));
                    if (tiles.Length > 3)
                    {
                        block.Disagreement.AsSpan(from, count).CopyTo(tiles[3].AsSpan(to));
                    }
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Complete()
    {
        foreach (var tiles in _tiles)
        {
            tiles.Flush();
        }

        foreach (var plane in _planes)
        {
            plane.Finish();
        }

        const ushort WithoutSign = 1;
        var link = _tiff.FirstLink;
        for (var i = 0; i < _planes.Length; i++)
        {
            var more = TiffField.Resolution(_mpp).ToList();
            if (i == 0)
            {
                more.Add(TiffField.Text(TiffTag.ImageDescription, OmeDescription.Of("Maps", "uint8", _size, _mpp, _channels)));
            }

            var place = _planes[i].WriteDirectories(WithoutSign, more, out var next);
            _tiff.Link(link, place);
            link = next;
        }

        _file.Complete();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static void Shift(ReadOnlySpan<sbyte> from, Span<byte> to)
    {
        for (var i = 0; i < from.Length; i++)
        {
            to[i] = (byte)(from[i] + HvZero);
        }
    }

    private static byte Mean(byte a, byte b, byte c, byte d) => (byte)((a + b + c + d + 2) / 4);

    private static byte MeanOfShown(byte a, byte b, byte c, byte d)
    {
        var count = (a > 0 ? 1 : 0) + (b > 0 ? 1 : 0) + (c > 0 ? 1 : 0) + (d > 0 ? 1 : 0);
        return count == 0 ? (byte)0 : (byte)((a + b + c + d + (count / 2)) / count);
    }
}
