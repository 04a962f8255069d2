using System.IO.Compression;
using System.Numerics;
using System.Text.Json;
using HoverFast.Files;
using HoverFast.Nuclei;
using HoverFast.Slides;

namespace HoverFast.Labels;

/// <summary>
/// Reads nuclei that were drawn or corrected in QuPath (or written by this library), as a label image for evaluation and
/// training or as outlines. Annotations count only where the file has no detection or cell; of a cell the nucleus counts. Holes are filled.
/// </summary>
public static class LabelGeoJson
{
    /// <summary>Whether a file's name is that of a GeoJSON file, compressed or not.</summary>
    public static bool IsGeoJson(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.EndsWith(".geojson", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith(".geojson.gz", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Reads the nuclei: label 1 for the first, the pixels whose centre lies inside; where outlines overlap, the first keeps the pixel.</summary>
    /// <param name="path">A FeatureCollection, an array of Features, or one Feature; gzip where the name ends in <c>.gz</c>.</param>
    /// <param name="size">Pixels of the image that the coordinates belong to.</param>
    /// <exception cref="SlideException">The file can't be read or holds nothing of the kind.</exception>
    public static LabelImage Read(string path, PixelSize size)
    {
        return Parse(path, features => Draw(features, size));
    }

    /// <summary>Reads the outer rings of the nuclei, open, in the file's pixels: one for each part of each nucleus.</summary>
    /// <param name="path">As for <see cref="Read"/>.</param>
    /// <exception cref="SlideException">The file can't be read or holds nothing of the kind.</exception>
    public static IReadOnlyList<Vector2[]> ReadOutlines(string path) => Parse(path, features =>
    {
        var outlines = new List<Vector2[]>();
        foreach (var feature in features)
        {
            foreach (var ring in OuterRings(NucleusOf(feature)))
            {
                List<Vector2> points = [.. ring.EnumerateArray().Select(p => new Vector2(p[0].GetSingle(), p[1].GetSingle()))];
                if (points.Count > 1 && points[^1] == points[0])
                {
                    points.RemoveAt(points.Count - 1);
                }

                outlines.Add(points.Count >= 3 ? [.. points] : throw new FormatException("an outline has fewer than three points"));
            }
        }

        return outlines;
    });

    private static T Parse<T>(string path, Func<List<JsonElement>, T> take)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var file = RegularFile.OpenRead(path);
            using var plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? (Stream)new GZipStream(file, CompressionMode.Decompress) : file;
            using var json = JsonDocument.Parse(plain);
            return take(Features(json.RootElement));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or InvalidDataException or OverflowException or IndexOutOfRangeException or KeyNotFoundException)
        {
            throw new SlideException(path, $"can't be read as GeoJSON outlines ({e.Message}); export them from QuPath with File > Export objects as GeoJSON.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, RgbImageFile.Unreadable(e), e);
        }
    }

    private static List<JsonElement> Features(JsonElement root)
    {
        List<JsonElement> all = root.ValueKind == JsonValueKind.Array ? [.. root.EnumerateArray()]
            : root.TryGetProperty("features", out var features) ? [.. features.EnumerateArray()]
            : root.TryGetProperty("geometry", out _) ? [root]
            : throw new FormatException("it has no features");
        var detections = all.FindAll(f => KindOf(f) is "detection" or "cell");
        return detections.Count > 0 ? detections : all;
    }

    private static string? KindOf(JsonElement feature) =>
        feature.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
        && (properties.TryGetProperty("objectType", out var kind) || properties.TryGetProperty("object_type", out kind))
            ? kind.GetString()
            : null;

    private static LabelImage Draw(List<JsonElement> features, PixelSize size)
    {
        var image = new LabelImage(size.Width, size.Height);
        var raster = new OutlineRaster();
        var label = 0;
        foreach (var feature in features)
        {
            var rings = OuterRings(NucleusOf(feature));
            if (rings.Count > 0)
            {
                label++;
            }

            foreach (var ring in rings)
            {
                OutlinePoint[] points = [.. ring.EnumerateArray().Select(p => OutlinePoint.Round(p[0].GetDouble(), p[1].GetDouble()))];
                LabelPainter.Label(image, raster.Fill(points), label);
            }
        }

        return image;
    }

    private static JsonElement NucleusOf(JsonElement feature) =>
        feature.TryGetProperty("nucleusGeometry", out var nucleus) && nucleus.ValueKind == JsonValueKind.Object ? nucleus : feature.GetProperty("geometry");

    private static List<JsonElement> OuterRings(JsonElement geometry)
    {
        if (geometry.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        var coordinates = geometry.GetProperty("coordinates");
        return geometry.GetProperty("type").GetString() switch
        {
            "Polygon" when coordinates.GetArrayLength() > 0 => [coordinates[0]],
            "MultiPolygon" => [.. coordinates.EnumerateArray().Where(p => p.GetArrayLength() > 0).Select(p => p[0])],
            _ => [],
        };
    }
}
