using System.Text.Json;
using HoverFast.Files;

namespace HoverFast.Labels;

/// <summary>
/// Nuclei of GeoJSON: drawn or corrected in QuPath, or written by HoverFast or by us. Annotations count only where the file has no detection or cell; of a cell
/// the nucleus counts.
/// </summary>
internal static class GeoJsonOutlines
{
    /// <summary>Reads the nuclei.</summary>
    /// <exception cref="InvalidDataException">The file is none of the kind, or absurdly large.</exception>
    /// <exception cref="JsonException">Its text is broken.</exception>
    public static List<NucleusRings> Read(string path)
    {
        var detections = new List<NucleusRings>();
        var others = new List<NucleusRings>();
        foreach (var feature in GeoJsonFile.Features(path))
        {
            var isDetection = KindOf(feature) is "detection" or "cell";
            var nucleus =
                feature.TryGetProperty("nucleusGeometry", out var own) && own.ValueKind == JsonValueKind.Object ? own : GeoJsonFile.GeometryOf(feature);
            NucleusRings rings = new(
                [.. GeoJsonFile.Polygons(nucleus).Where(polygon => polygon.Length > 0).Select(polygon => NucleusRings.Open(polygon[0]))],
                TypeOf(feature));

            // Other geometries than polygons are no nuclei.
            if (rings.Rings.Count > 0 && (isDetection || detections.Count == 0))
            {
                (isDetection ? detections : others).Add(rings);
            }
        }

        return detections.Count > 0 ? detections : others;
    }

    /// <summary>The class of a feature, or null. QuPath's classes of classes ("Tumor: Positive") come as "names".</summary>
    public static string? TypeOf(JsonElement feature) =>
        !feature.TryGetProperty("properties", out var properties)
        || properties.ValueKind != JsonValueKind.Object
        || !properties.TryGetProperty("classification", out var type)
            ? null
        : type.ValueKind == JsonValueKind.String ? type.GetString()
        : type.ValueKind != JsonValueKind.Object ? null
        : type.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String ? name.GetString()
        : type.TryGetProperty("names", out var names) && names.ValueKind == JsonValueKind.Array
            ? string.Join(": ", names.EnumerateArray().Select(n => n.ToString()))
        : null;

    /// <summary>The kind of object that QuPath knows a feature as: "detection", "cell", "annotation"; null where it isn't told.</summary>
    public static string? KindOf(JsonElement feature) =>
        feature.TryGetProperty("properties", out var properties)
        && properties.ValueKind == JsonValueKind.Object
        && (properties.TryGetProperty("objectType", out var kind) || properties.TryGetProperty("object_type", out kind))
        && kind.ValueKind == JsonValueKind.String
            ? kind.GetString()
            : null;
}
