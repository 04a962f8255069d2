using System.IO.Compression;
using System.Text.Json;

namespace HoverFast.Server.Tests.Nuclei;

/// <summary>The nuclei of the drawn slide's result, read by a general JSON reader.</summary>
internal static class ResultFeatures
{
    /// <summary>All features.</summary>
    public static IReadOnlyList<JsonElement> Of(string results)
    {
        using var file = File.OpenRead(Path.Combine(results, SegmentedSlides.Done + ".geojson.gz"));
        using var text = new GZipStream(file, CompressionMode.Decompress);
        return [.. JsonDocument.Parse(text).RootElement.GetProperty("features").EnumerateArray()];
    }

    /// <summary>A measurement.</summary>
    public static double Value(JsonElement feature, string name) =>
        feature.GetProperty("properties").GetProperty("measurements").GetProperty(name).GetDouble();

    /// <summary>The area's centroid by the shoelace formula.</summary>
    public static (double X, double Y) Centroid(JsonElement feature)
    {
        var ring = Ring(feature);
        var (area, x, y) = (0.0, 0.0, 0.0);
        for (var i = 0; i + 1 < ring.Count; i++)
        {
            var cross = (ring[i].X * ring[i + 1].Y) - (ring[i + 1].X * ring[i].Y);
            area += cross;
            x += (ring[i].X + ring[i + 1].X) * cross;
            y += (ring[i].Y + ring[i + 1].Y) * cross;
        }

        return (x / (3 * area), y / (3 * area));
    }

    /// <summary>A point within: halfway between two crossings of the middle row.</summary>
    public static (double X, double Y) Inside(JsonElement feature)
    {
        var ring = Ring(feature);
        var y = Centroid(feature).Y + 0.00137;
        var crossings = Enumerable
            .Range(0, ring.Count - 1)
            .Where(i => ring[i].Y > y != ring[i + 1].Y > y)
            .Select(i => ring[i].X + ((y - ring[i].Y) / (ring[i + 1].Y - ring[i].Y) * (ring[i + 1].X - ring[i].X)))
            .Order()
            .ToList();
        return ((crossings[0] + crossings[1]) / 2, y);
    }

    private static List<(double X, double Y)> Ring(JsonElement feature) =>
        [.. feature.GetProperty("geometry").GetProperty("coordinates")[0].EnumerateArray().Select(p => (p[0].GetDouble(), p[1].GetDouble()))];
}
