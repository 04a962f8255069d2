using System.Text.Json;
using HoverFast.Files;
using HoverFast.Slides;

namespace HoverFast.Tissue;

/// <summary>
/// A region drawn by hand: polygons of a GeoJSON file as QuPath exports its annotations, in full-resolution pixels from the corner
/// of the slide's bounds. Several polygons add up; holes are left out.
/// </summary>
internal static class AnnotationRegion
{
    private const int MostCells = 64_000_000;

    /// <summary>Rows times edges that a region may have: some seconds.</summary>
    private const double MostWork = 1e9;

    /// <summary>Reads the region.</summary>
    /// <param name="path">A GeoJSON file: a FeatureCollection, a Feature, an array of Features, or a geometry.</param>
    /// <param name="slide">Level-0 pixels of the slide.</param>
    /// <param name="bounds">The slide's bounds, from whose corner the file counts.</param>
    /// <param name="slideMpp">Pixel size of level 0.</param>
    /// <returns>The region as a mask of cells of 2 um, or coarser on large slides.</returns>
    /// <exception cref="SlideException">The file can't be read or holds no polygon.</exception>
    public static TissueMask Read(string path, PixelSize slide, PixelRect bounds, Mpp slideMpp)
    {
        var polygons = new List<(double X, double Y)[][]>();
        try
        {
            foreach (var feature in GeoJsonFile.Features(path))
            {
                polygons.AddRange(GeoJsonFile.Polygons(GeoJsonFile.GeometryOf(feature)));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
        {
            throw new SlideException(
                path,
                $"can't be read as a GeoJSON region ({e.Message.TrimEnd('.')}); export the annotation from QuPath with File > Export objects as GeoJSON.",
                e);
        }

        if (polygons.Count == 0)
        {
            throw new SlideException(path, "holds no Polygon or MultiPolygon; draw an area in QuPath and export it as GeoJSON.");
        }

        var mpp = slideMpp.MicronsPerPixel;
        var cell = Math.Max(2.0, Math.Sqrt(slide.Area * mpp * mpp / MostCells));
        var width = (int)Math.Ceiling(slide.Width * mpp / cell);
        var height = (int)Math.Ceiling(slide.Height * mpp / cell);
        var cells = new bool[width * height];
        var work = 0.0;
        foreach (var polygon in polygons)
        {
            // A row costs each edge that crosses it, and all that it fills: no more than the polygon's box, which is small in a tissue microarray.
            work +=
                polygon.Sum(ring => ring.Select((p, i) => Math.Min(height, Math.Abs(p.Y - ring[(i + 1) % ring.Length].Y) * mpp / cell) + 1).Sum())
                + (CellsAround(polygon, width, height, mpp / cell, bounds) / 16);
            if (work > MostWork)
            {
                throw new SlideException(path, "is too intricate for a region; simplify the annotation in QuPath.");
            }

            Fill(polygon, cells, width, height, mpp / cell, bounds);
        }

        // Nothing found where nothing was drawn would be taken for a result.
        return cells.AsSpan().Contains(true)
            ? new TissueMask(width, height, cells, cell, cell, $"region {Path.GetFileName(path)}")
            : throw new SlideException(
                path,
                $"its polygons lie outside of the slide ({bounds.Width} x {bounds.Height} pixels), or hold no area; is it another slide's?");
    }

    /// <summary>Cells of the mask in a polygon's box, about.</summary>
    private static double CellsAround((double X, double Y)[][] rings, int width, int height, double scale, PixelRect bounds)
    {
        var points = rings.SelectMany(ring => ring);
        return Extent(points.Select(p => (p.X + bounds.X) * scale), width) * Extent(points.Select(p => (p.Y + bounds.Y) * scale), height);

        static double Extent(IEnumerable<double> places, int most)
        {
            var (least, last) = (double.PositiveInfinity, double.NegativeInfinity);
            foreach (var place in places)
            {
                (least, last) = (Math.Min(least, place), Math.Max(last, place));
            }

            return Math.Max(0, Math.Clamp(last, 0, most) - Math.Clamp(least, 0, most));
        }
    }

    /// <summary>Sets the cells whose centre lies in the polygon, by the even-odd rule, row by row.</summary>
    private static void Fill((double X, double Y)[][] rings, bool[] cells, int width, int height, double scale, PixelRect bounds)
    {
        // The edges by the row that they begin in, so that a row asks only those that it crosses.
        var edges = new List<(int First, int End, double X, double Y, double Slope)>();
        foreach (var ring in rings)
        {
            for (var i = 0; i < ring.Length; i++)
            {
                var (a, b) = (OnGrid(ring[i]), OnGrid(ring[(i + 1) % ring.Length]));
                var (top, bottom) = a.Y <= b.Y ? (a, b) : (b, a);

                // Rows whose middle lies in [top, bottom).
                var first = (int)Math.Clamp(Math.Ceiling(top.Y - 0.5), 0, height);
                var end = (int)Math.Clamp(Math.Ceiling(bottom.Y - 0.5), first, height);
                if (end > first)
                {
                    edges.Add((first, end, top.X, top.Y, (bottom.X - top.X) / (bottom.Y - top.Y)));
                }
            }
        }

        edges.Sort((a, b) => a.First.CompareTo(b.First));
        var active = new List<(int First, int End, double X, double Y, double Slope)>();
        var crossings = new List<double>();
        var next = 0;
        for (var row = edges.Count > 0 ? edges[0].First : height; row < height && (next < edges.Count || active.Count > 0); row++)
        {
            active.RemoveAll(e => e.End <= row);
            while (next < edges.Count && edges[next].First <= row)
            {
                active.Add(edges[next++]);
            }

            crossings.Clear();
            crossings.AddRange(active.Select(e => e.X + ((row + 0.5 - e.Y) * e.Slope)));
            crossings.Sort();
            for (var i = 0; i + 1 < crossings.Count; i += 2)
            {
                var from = (int)Math.Clamp(Math.Ceiling(crossings[i] - 0.5), 0, width);
                var to = (int)Math.Clamp(Math.Ceiling(crossings[i + 1] - 0.5), from, width);
                cells.AsSpan((row * width) + from, to - from).Fill(true);
            }
        }

        (double X, double Y) OnGrid((double X, double Y) p) => ((p.X + bounds.X) * scale, (p.Y + bounds.Y) * scale);
    }
}
