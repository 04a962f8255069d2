using System.IO.Compression;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using HoverFast.Files;
using HoverFast.Nuclei;
using HoverFast.Review.Edits;
using HoverFast.Review.Fields;
using HoverFast.Review.Logs;

namespace HoverFast.Review.Exchange;

/// <summary>
/// Writes a slide's nuclei as the review has them: what nobody touched byte for byte as the result has it, what was redrawn without the measurements of its old
/// outline, what has another class without the probability of its old one, what was deleted not at all, what is new at the end.
/// </summary>
internal static class CorrectedGeoJson
{
    /// <summary>Writes the file, and that it was written into the log: edits that come back are held against it.</summary>
    /// <returns>Nuclei written.</returns>
    public static long Write(SlideReview review, string path, string who)
    {
        var (entries, changed) = review.Look(state => (state.Entries, state.Nuclei.Where(n => n.Value.Version > 0).ToDictionary(n => n.Key, n => n.Value)));
        var written = 0L;
        PartialFile.Write(path, file =>
        {
            using var packed = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true)
                : null;
            using var text = new StreamWriter(packed ?? file, leaveOpen: true);
            text.Write("{\"type\":\"FeatureCollection\",\"features\":[");
            var colours = new Dictionary<string, string>(StringComparer.Ordinal);
            var seen = new HashSet<Guid>();
            foreach (var feature in ResultNucleus.Features(review.Result.NucleiPath))
            {
                NoteColour(feature, colours);
                if (ResultNucleus.IdOf(feature) is { } id && changed.TryGetValue(id, out var state))
                {
                    seen.Add(id);
                    if (state.Shape is { } shape)
                    {
                        Add(Rewritten(feature, state, shape, colours));
                    }
                }
                else
                {
                    Add(feature.GetRawText());
                }
            }

            foreach (var (id, state) in changed.Where(c => c.Value.Shape is not null && !seen.Contains(c.Key)).OrderBy(c => c.Key))
            {
                Add(New(id, state.Shape!, colours).ToJsonString(ReviewEntry.Json));
            }

            text.Write("]}");

            void Add(string json)
            {
                text.Write(written++ > 0 ? "," : "");
                text.Write(json);
            }
        });
        string hash;
        using (var file = File.OpenRead(path))
        {
            hash = Convert.ToHexStringLower(SHA256.HashData(file));
        }

        review.Append(state => state.Entries == 0 ? null
            : new ReviewEntry { When = DateTimeOffset.UtcNow, Who = who, What = EditKind.Export, Of = entries, File = hash });
        return written;
    }

    private static void NoteColour(JsonElement feature, Dictionary<string, string> colours)
    {
        if (feature.TryGetProperty("properties", out var properties) && properties.TryGetProperty("classification", out var type)
            && type.ValueKind == JsonValueKind.Object
            && type.TryGetProperty("name", out var name) && name.GetString() is { } text && !colours.ContainsKey(text))
        {
            colours[text] = type.GetRawText();
        }
    }

    private static string Rewritten(JsonElement feature, NucleusState state, Shape shape, Dictionary<string, string> colours)
    {
        var node = JsonNode.Parse(feature.GetRawText())!.AsObject();
        var properties = node["properties"] as JsonObject ?? [];
        if (state.Found?.Outline.Equals(shape.Outline) != true)
        {
            node["geometry"] = Geometry(shape.Outline);
            properties.Remove("measurements");
        }
        else if (state.Found?.Class != shape.Class && properties["measurements"] is JsonObject measurements)
        {
            // It is how sure the model was of the class that it named, not of the one that a person gave.
            measurements.Remove(NucleusMeasurements.TypeProbability);
        }

        properties.Remove("classification");
        if (shape.Class is { } type)
        {
            properties["classification"] = Classification(type, colours);
        }

        if (node["properties"] is null)
        {
            node["properties"] = properties;
        }

        return node.ToJsonString(ReviewEntry.Json);
    }

    private static JsonObject New(Guid id, Shape shape, Dictionary<string, string> colours)
    {
        var properties = new JsonObject { ["objectType"] = "detection" };
        if (shape.Class is { } type)
        {
            properties["classification"] = Classification(type, colours);
        }

        return new JsonObject { ["type"] = "Feature", ["id"] = id.ToString(), ["geometry"] = Geometry(shape.Outline), ["properties"] = properties };
    }

    // QuPath gives a class that comes without a colour one of its own.
    private static JsonNode Classification(string type, Dictionary<string, string> colours) =>
        colours.TryGetValue(type, out var json) ? JsonNode.Parse(json)! : new JsonObject { ["name"] = type };

    private static JsonObject Geometry(Outline outline)
    {
        var ring = new JsonArray();
        foreach (var point in (ReadOnlySpan<Nuclei.OutlinePoint>)[.. outline.Points, outline.Points[0]])
        {
            ring.Add((JsonNode)new JsonArray(point.X / 100m, point.Y / 100m));
        }

        return new JsonObject { ["type"] = "Polygon", ["coordinates"] = new JsonArray(ring) };
    }
}
