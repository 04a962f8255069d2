using System.IO.Compression;
using System.Text.Json;

namespace HoverFast.Files;

/// <summary>
/// Reads GeoJSON files of any length, one feature at a time. What a file can make grow is bounded by its own length: its text once unpacked, a feature,
/// an outline. A byte order mark is passed over; gzip is known by its first bytes.
/// </summary>
internal static class GeoJsonFile
{
    /// <summary>Bytes of text that any file may unpack to, and how many times its own length beyond that: outlines pack three to ten times.</summary>
    private const long FreeText = 16L << 20;
    private const long MostPacked = 30;

    /// <summary>Bytes of a feature.</summary>
    private const int MostFeature = 64 << 20;

    /// <summary>The farthest coordinate, in pixels; slides have a tenth of it.</summary>
    private const double Farthest = 1e7;

    /// <summary>
    /// The features of a FeatureCollection or an array, or the single Feature or geometry that the file holds; each is good until the next one is asked for.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It can't be read.</exception>
    /// <exception cref="InvalidDataException">It is no GeoJSON, or unpacks to more than such a file can hold.</exception>
    /// <exception cref="JsonException">Its text is broken.</exception>
    public static IEnumerable<JsonElement> Features(string path)
    {
        using var file = RegularFile.OpenRead(path);
        var packed = IsGzip(file);
        using var text = packed ? (Stream)new GZipStream(file, CompressionMode.Decompress) : file;
        var most = packed ? Math.Max(FreeText, MostPacked * file.Length) : long.MaxValue;
        foreach (var feature in new JsonElements(text, "features", MostFeature, most))
        {
            using var document = JsonDocument.Parse(feature);
            yield return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement
                : throw new InvalidDataException("it holds something that is no feature");
        }
    }

    /// <summary>
    /// The rings of a Polygon or MultiPolygon, polygon by polygon, the outer one first; none for other geometries. The last point repeats the first as the file
    /// has it.
    /// </summary>
    /// <exception cref="InvalidDataException">A coordinate is no number, or lies beyond all slides.</exception>
    public static IEnumerable<(double X, double Y)[][]> Polygons(JsonElement geometry)
    {
        if (geometry.ValueKind != JsonValueKind.Object)
        {
            yield break;
        }

        if (!geometry.TryGetProperty("type", out var type) || type.ValueKind != JsonValueKind.String)
        {
            throw new InvalidDataException("a geometry has no type");
        }

        if (type.ValueEquals("Polygon"))
        {
            yield return Rings(Member(geometry, "coordinates"));
        }
        else if (type.ValueEquals("MultiPolygon"))
        {
            foreach (var polygon in List(Member(geometry, "coordinates")))
            {
                yield return Rings(polygon);
            }
        }
        else if (type.ValueEquals("GeometryCollection"))
        {
            foreach (var polygon in List(Member(geometry, "geometries")).SelectMany(Polygons))
            {
                yield return polygon;
            }
        }
    }

    /// <summary>The geometry of a Feature, or the element itself where it is a geometry.</summary>
    public static JsonElement GeometryOf(JsonElement element) => element.TryGetProperty("geometry", out var geometry) ? geometry
        : element.TryGetProperty("coordinates", out _) || element.TryGetProperty("geometries", out _) ? element
        : throw new InvalidDataException("a feature has no geometry");

    private static JsonElement Member(JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) ? member : throw new InvalidDataException($"a geometry has no {name}");

    private static JsonElement.ArrayEnumerator List(JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : throw new InvalidDataException("coordinates are no list");

    private static (double X, double Y)[][] Rings(JsonElement polygon) => [.. List(polygon).Select(ring => List(ring).Select(Point).ToArray())];

    private static (double X, double Y) Point(JsonElement point)
    {
        if (point.ValueKind != JsonValueKind.Array
            || point.GetArrayLength() < 2
            || point[0].ValueKind != JsonValueKind.Number
            || point[1].ValueKind != JsonValueKind.Number)
        {
            throw new InvalidDataException("a point has no two numbers");
        }

        var (x, y) = (point[0].GetDouble(), point[1].GetDouble());
        return Math.Abs(x) <= Farthest && Math.Abs(y) <= Farthest ? (x, y) : throw new InvalidDataException("a coordinate lies beyond all slides");
    }

    private static bool IsGzip(FileStream file)
    {
        Span<byte> start = stackalloc byte[2];
        var read = file.ReadAtLeast(start, 2, throwOnEndOfStream: false);
        file.Position = 0;
        return read == 2 && start is [0x1F, 0x8B];
    }
}
