using HoverFast.Files;
using HoverFast.Labels;
using HoverFast.Nuclei;
using HoverFast.Slides;
using HoverFast.Slides.Tiff;

namespace HoverFast.Output;

/// <summary>
/// A label image of a slide of any size: OME-TIFF of tiled 32-bit labels at full resolution and smaller ones, in the pixels of the slide's bounds. The pixels
/// whose centre lies inside an outline get the nucleus's ordinal + 1; where outlines overlap, the first keeps the pixel. Memory does not grow with the slide:
/// tiles not touched for a while go to the file and come back when a later nucleus reaches into them.
/// </summary>
internal sealed class LabelTiffOutput : INucleusOutput
{
    private const int Side = PlaneLevel.TileSide;

    private readonly PartialFile _file;
    private readonly PixelSize _size;
    private readonly LabelTiffWriter _tiff;
    private readonly OutlineRaster _raster = new();
    private readonly PlaneTiles<int> _tiles;

    /// <summary>Starts the file.</summary>
    /// <param name="path">Where to; by custom <c>NAME.labels.tif</c>.</param>
    /// <param name="size">Full-resolution pixels of the slide's bounds.</param>
    /// <param name="mpp">Pixel size at full resolution.</param>
    public LabelTiffOutput(string path, PixelSize size, Mpp? mpp)
    {
        _file = new PartialFile(path);
        _size = size;
        _tiff = new LabelTiffWriter(_file.Stream, size, mpp);
        _tiles = new PlaneTiles<int>(_tiff.Plane);
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
                var labels = _tiles.At((run.Y / Side * _tiff.Plane.Full.Columns) + column);
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
        _tiles.Flush();
        _tiff.Finish();
        _file.Complete();
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
