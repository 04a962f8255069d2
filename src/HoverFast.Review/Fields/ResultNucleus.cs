using System.Text.Json;
using HoverFast.Files;
using HoverFast.Labels;
using HoverFast.Review.Edits;

namespace HoverFast.Review.Fields;

/// <summary>A nucleus as a file has it.</summary>
/// <param name="Id">Its identity.</param>
/// <param name="Shape">Outline and class.</param>
/// <param name="Probability">How sure the model was, or null.</param>
internal sealed record ResultNucleus(Guid Id, Shape Shape, double? Probability)
{
    /// <summary>How sure a model was: the chance that a pathologist would draw the nucleus so, or, in results without, the mean of its pixels.</summary>
    private static readonly string[] _probabilities = ["Match probability", "Detection probability"];

    /// <summary>The nuclei of a GeoJSON file, one at a time; what has no polygon is passed over, and what has no identity gets an empty one.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ReviewException">It can't be read, or is none of the kind.</exception>
    public static IEnumerable<ResultNucleus> ReadAll(string path) => Features(path).Select(TryOf).OfType<ResultNucleus>();

    /// <summary>The features of a GeoJSON file; each is good until the next one is asked for.</summary>
    /// <exception cref="ReviewException">It can't be read, or is none of the kind.</exception>
    public static IEnumerable<JsonElement> Features(string path)
    {
        using var features = GeoJsonFile.Features(path).GetEnumerator();
        while (true)
        {
            try
            {
                if (!features.MoveNext())
                {
                    yield break;
                }
            }
            catch (Exception e) when (e is IOException or InvalidDataException or JsonException or UnauthorizedAccessException)
            {
                throw new ReviewException($"{path}: can't be read as GeoJSON ({e.Message.TrimEnd('.')}).", e);
            }

            yield return features.Current;
        }
    }

    /// <summary>A nucleus of a feature; null where it holds no polygon.</summary>
    public static ResultNucleus? TryOf(JsonElement feature)
    {
        double[]? largest = null;
        var area = -1.0;
        foreach (var rings in GeoJsonFile.Polygons(
            feature.TryGetProperty("nucleusGeometry", out var own) && own.ValueKind == JsonValueKind.Object ? own : GeoJsonFile.GeometryOf(feature)))
        {
            double[] flat = [.. rings.Take(1).SelectMany(r => r).SelectMany(p => new[] { p.X, p.Y })];
            if (AreaOf(flat) > area)
            {
                (largest, area) = (flat, AreaOf(flat));
            }
        }

        return largest is not null && Outline.TryOf(largest) is { } outline
            ? new ResultNucleus(IdOf(feature) ?? Guid.Empty, new Shape(outline, GeoJsonOutlines.TypeOf(feature)), ProbabilityOf(feature))
            : null;
    }

    /// <summary>The identity of a feature, or null.</summary>
    public static Guid? IdOf(JsonElement feature) =>
        feature.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && Guid.TryParse(id.GetString(), out var guid) ? guid : null;

    private static double? ProbabilityOf(JsonElement feature) =>
        feature.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
        && properties.TryGetProperty("measurements", out var measurements) && measurements.ValueKind == JsonValueKind.Object
            ? _probabilities.Select(name => NumberOf(measurements, name)).FirstOrDefault(n => n is not null)
            : null;

    private static double? NumberOf(JsonElement measurements, string name) =>
        measurements.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;

    private static double AreaOf(double[] flat)
    {
        var sum = 0.0;
        for (var i = 0; i < flat.Length; i += 2)
        {
            var j = (i + 2) % flat.Length;
            sum += (flat[i] * flat[j + 1]) - (flat[j] * flat[i + 1]);
        }

        return Math.Abs(sum);
    }
}
