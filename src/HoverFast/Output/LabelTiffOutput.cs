using HoverFast.Files;
using HoverFast.Labels;
using HoverFast.Nuclei;
using HoverFast.Slides;

namespace HoverFast.Output;

/// <summary>
/// A label image of a slide of any size: OME-TIFF of tiled 32-bit labels at full resolution and smaller ones, in the pixels of the slide's bounds. The pixels
/// whose centre lies inside an outline get the nucleus's ordinal + 1; where outlines overlap, the first keeps the pixel. Memory does not grow with the slide:
/// tiles not touched for a while go to the file and come back when a later nucleus reaches into them.
/// </summary>
internal sealed class LabelTiffOutput : INucleusOutput
{
    /// <summary>128 MB of tiles.</summary>
    private const int MostTiles = 512;

    private const int Side = LabelTiffLevel.TileSide;

    private readonly PartialFile _file;
    private readonly PixelSize _size;
    private readonly LabelTiffWriter _tiff;
    private readonly OutlineRaster _raster = new();
    private readonly Dictionary<int, LinkedListNode<Tile>> _tiles = [];

    /// <summary>The tile touched last comes first.</summary>
    private readonly LinkedList<Tile> _order = new();

    /// <summary>Starts the file.</summary>
    /// <param name="path">Where to; by custom <c>NAME.labels.tif</c>.</param>
    /// <param name="size">Full-resolution pixels of the slide's bounds.</param>
    /// <param name="mpp">Pixel size at full resolution.</param>
    public LabelTiffOutput(string path, PixelSize size, Mpp? mpp)
    {
        _file = new PartialFile(path);
        _size = size;
        _tiff = new LabelTiffWriter(_file.Stream, size, mpp);
    }

    /// <inheritdoc/>
    public string Path => _file.Path;

    /// <inheritdoc/>
    public void Add(in SegmentedNucleus nucleus)
    {
        var label = checked((int)nucleus.Ordinal + 1);
        foreach (var run in _raster.Fill(nucleus.Outline))
        {
            if (run.Y < 0 || run.Y >= _size.Height)
            {
                continue;
            }

            var end = Math.Min(_size.Width, run.To);
            for (var x = Math.Max(0, run.From); x < end;)
            {
                var column = x / Side;
                var to = Math.Min(end, (column + 1) * Side);
                var labels = TileAt((run.Y / Side * _tiff.Full.Columns) + column);
                var row = labels.AsSpan(run.Y % Side * Side, Side);
                for (; x < to; x++)
                {
                    ref var pixel = ref row[x % Side];
                    pixel = pixel == 0 ? label : pixel;
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Complete()
    {
        foreach (var tile in _tiles.Values.Select(n => n.Value).OrderBy(t => t.Index))
        {
            _tiff.Write(tile.Index, tile.Labels);
        }

        _tiff.Finish();
        _file.Complete();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private int[] TileAt(int index)
    {
        if (_tiles.TryGetValue(index, out var node))
        {
            if (node != _order.First)
            {
                _order.Remove(node);
                _order.AddFirst(node);
            }

            return node.Value.Labels;
        }

        int[] labels;
        if (_tiles.Count < MostTiles)
        {
            labels = new int[Side * Side];
        }
        else
        {
            var oldest = _order.Last!.Value;
            _order.RemoveLast();
            _tiles.Remove(oldest.Index);
            _tiff.Write(oldest.Index, oldest.Labels);
            labels = oldest.Labels;
            Array.Clear(labels);
        }

        _tiff.TryRead(index, labels);
        _tiles.Add(index, _order.AddFirst(new Tile(index, labels)));
        return labels;
    }

    private sealed record Tile(int Index, int[] Labels);
}
