using HoverFast.Nuclei;
using HoverFast.Slides;

namespace HoverFast.Labels;

/// <summary>Paints outlines of a stranger's file into a label image, as long as that is no endless work. Not thread safe.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="image">Takes the labels.</param>
internal sealed class OutlinePainter(string path, LabelImage image)
{
    /// <summary>Outlines, painted one over the other, that an image can hold: as many times its pixels.</summary>
    private const long MostLayers = 64;

    private readonly OutlineRaster _raster = new();
    private long _painted;

    /// <summary>Paints an open ring; pixels that have a label keep it.</summary>
    /// <exception cref="SlideException">The outlines so far lie on each other by the dozen, or reach far beyond the picture.</exception>
    public void Paint(ReadOnlySpan<OutlinePoint> ring, int label)
    {
        // What an outline costs: a crossing for each row of each edge, and its pixels.
        for (var p = 0; p < ring.Length; p++)
        {
            Count(Math.Abs((long)ring[p].Y - ring[(p + 1) % ring.Length].Y) / OutlinePoint.PerPixel);
        }

        var runs = _raster.Fill(ring);
        foreach (var run in runs)
        {
            Count(Math.Max(0, Math.Min(run.To, image.Width) - Math.Max(run.From, 0)));
        }

        LabelPainter.Label(image, runs, label);
    }

    private void Count(long work)
    {
        _painted += work;
        if (_painted > MostLayers * Math.Max(image.Size.Area, 1 << 20))
        {
            throw new SlideException(path, "holds outlines that lie on each other by the dozen, or reach far beyond the picture.");
        }
    }
}
