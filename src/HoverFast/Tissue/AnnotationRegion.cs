using System.Text.Json;
using HoverFast.Files;
using HoverFast.Slides;

namespace HoverFast.Tissue;

/// <summary>
/// A region drawn by hand: polygons of a GeoJSON file as QuPath exports its annotations, in full-resolution pixels from the corner
/// of the slide's bounds. Several polygons add up; holes are left out.
/// </summary>
public static class AnnotationRegion
{
    private const int MostCells = 64_000_000;

    /// <summary>Reads the region.</summary>
    /// <param name="path">A GeoJSON file: a FeatureCollection, a Feature, an array of Features, or a geometry.</param>
    /// <param name="slide">Level-0 pixels of the slide.</param>
    /// <param name="bounds">The slide's bounds, from whose corner the file counts.</param>
    /// <param name="slideMpp">Pixel size of level 0.</param>
    /// <returns>The region as a mask of cells of 2 um, or coarser on large slides.</returns>
    /// <exception cref="SlideException">The file can't be read or holds no polygon.</exception>
    public static TissueMask Read(string path, PixelSize slide, PixelRect bounds, Mpp slideMpp)
    {
        var rings = new List<List<(double X, double Y)[]>>();
        try
        {
            using var document = JsonDocument.Parse(RegularFile.ReadAllBytes(path));
            Collect(document.RootElement, rings);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException)
        {
            throw new SlideException(path, $"can't be read as a GeoJSON region ({e.Message}); export the annotation from QuPath with File > Export objects as GeoJSON.", e);
        }

        if (rings.Count == 0)
        {
            throw new SlideException(path, "holds no Polygon or MultiPolygon; draw an area in QuPath and export it as GeoJSON.");
        }

        var mpp = slideMpp.MicronsPerPixel;
        var cell = Math.Max(2.0, Math.Sqrt(slide.Area * mpp * mpp / MostCells));
        var width = (int)Math.Ceiling(slide.Width * mpp / cell);
        var height = (int)Math.Ceiling(slide.Height * mpp / cell);
        var cells = new bool[width * height];
        foreach (var polygon in rings)
        {
            Fill(polygon, cells, width, height, mpp / cell, bounds);
        }

        return new TissueMask(width, height, cells, cell, cell, $"region {Path.GetFileName(path)}");
    }

    private static void Collect(JsonElement element, List<List<(double X, double Y)[]>> polygons)
    {
        if (element.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in element.EnumerateArray())
            {
                Collect(item, polygons);
            }

            return;
        }

        if (element.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        if (element.TryGetProperty("features", out var features))
        {
            Collect(features, polygons);
        }
        else if (element.TryGetProperty("geometry", out var geometry))
        {
            Collect(geometry, polygons);
        }
        else if (element.TryGetProperty("geometries", out var geometries))
        {
            Collect(geometries, polygons);
        }
        else if (element.TryGetProperty("type", out var type) && element.TryGetProperty("coordinates", out var coordinates))
        {
            if (type.ValueEquals("Polygon"))
            {
                polygons.Add(Rings(coordinates));
            }
            else if (type.ValueEquals("MultiPolygon"))
            {
                polygons.AddRange(coordinates.EnumerateArray().Select(Rings));
            }
        }
    }

    private static List<(double X, double Y)[]> Rings(JsonElement polygon) =>
        [.. polygon.EnumerateArray().Select(ring => ring.EnumerateArray().Select(p => (p[0].GetDouble(), p[1].GetDouble())).ToArray())];

    /// <summary>Sets the cells whose centre lies in the polygon, by the even-odd rule, row by row.</summary>
    private static void Fill(List<(double X, double Y)[]> rings, bool[] cells, int width, int height, double scale, PixelRect bounds)
    {
        var crossings = new List<double>();
        for (var row = 0; row < height; row++)
        {
            var y = row + 0.5;
            crossings.Clear();
            foreach (var ring in rings)
            {
                for (var i = 0; i < ring.Length; i++)
                {
                    var (ax, ay) = OnGrid(ring[i]);
                    var (bx, by) = OnGrid(ring[(i + 1) % ring.Length]);
                    if (ay <= y != by <= y)
                    {
                        crossings.Add(ax + ((y - ay) / (by - ay) * (bx - ax)));
                    }
                }
            }

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
