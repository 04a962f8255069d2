using System.IO.Compression;
using System.Numerics;
using System.Text.Json;
using HoverFast.Training.Data;

namespace HoverFast.Training.Importing;

/// <summary>
/// Pictures with outlines as QuPath exports them, each with its class: PUMA (NAME.tif, NAME_nuclei.geojson) and anybody's own. Annotations count only where a file
/// has no detection or cell; of a cell the nucleus counts.
/// </summary>
internal static class GeoJsonLayout
{
    private static readonly string[] _pictures = [".tif", ".tiff", ".png", ".jpg", ".jpeg"];

    /// <summary>Reads the tiles.</summary>
    /// <param name="folder">The data set.</param>
    /// <param name="suffix">What label files' names have beyond the pictures'.</param>
    /// <param name="typePrefix">What is taken off the front of each class's name.</param>
    public static IEnumerable<ImportedTile> Read(string folder, string suffix, string typePrefix)
    {
        var ending = suffix + ".geojson";
        foreach (var (name, picture, labels) in FilePairs.Of(folder, ending, _pictures))
        {
            var image = TilePicture.Read(picture);
            var drawing = new NucleusDrawing(image.Size);
            foreach (var (rings, type) in Nuclei(labels))
            {
                drawing.Add(rings, type is not null && type.StartsWith(typePrefix, StringComparison.Ordinal) ? type[typePrefix.Length..] : type);
            }

            yield return new ImportedTile(name, image, drawing.Labels, drawing.Types);
        }
    }

    private static List<(List<Vector2[]> Rings, string? Type)> Nuclei(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? (Stream)new GZipStream(file, CompressionMode.Decompress) : file;
            using var json = JsonDocument.Parse(plain);
            var root = json.RootElement;
            List<JsonElement> all = [.. (root.ValueKind == JsonValueKind.Array ? root : root.GetProperty("features")).EnumerateArray()];
            var detections = all.FindAll(f => Property(f, "objectType") is { ValueKind: JsonValueKind.String } kind && kind.GetString() is "detection" or "cell");
            return (detections.Count > 0 ? detections : all).ConvertAll(f => (Rings(f), TypeOf(f)));
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or InvalidDataException or IndexOutOfRangeException)
        {
            throw new TrainingException(path, $"can't be read as GeoJSON outlines ({e.Message}).", e);
        }
    }

    private static JsonElement? Property(JsonElement feature, string name) =>
        feature.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object && properties.TryGetProperty(name, out var value) ? value : null;

    // QuPath's classes of classes ("Tumor: Positive") come as "names".
    private static string? TypeOf(JsonElement feature) => Property(feature, "classification") switch
    {
        { ValueKind: JsonValueKind.Object } c when c.TryGetProperty("name", out var name) => name.GetString(),
        { ValueKind: JsonValueKind.Object } c when c.TryGetProperty("names", out var names) => string.Join(": ", names.EnumerateArray().Select(n => n.GetString())),
        { ValueKind: JsonValueKind.String } c => c.GetString(),
        _ => null,
    };

    private static List<Vector2[]> Rings(JsonElement feature)
    {
        var geometry = feature.TryGetProperty("nucleusGeometry", out var nucleus) && nucleus.ValueKind == JsonValueKind.Object ? nucleus : feature.GetProperty("geometry");
        var coordinates = geometry.GetProperty("coordinates");
        return geometry.GetProperty("type").GetString() switch
        {
            "Polygon" => [Points(coordinates[0])],
            "MultiPolygon" => [.. coordinates.EnumerateArray().Select(p => Points(p[0]))],
            _ => [],
        };
    }

    private static Vector2[] Points(JsonElement ring) => [.. ring.EnumerateArray().Select(p => new Vector2(p[0].GetSingle(), p[1].GetSingle()))];
}
