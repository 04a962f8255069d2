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

    /// <summary>Outlines, painted one over the other, that an image can hold: as many times its pixels.</summary>
    private const long MostLayers = 64;

    /// <summary>Reads the nuclei: label 1 for the first, the pixels whose centre lies inside; where outlines overlap, the first keeps the pixel.</summary>
    /// <param name="path">A FeatureCollection, an array of Features, or one Feature; may be packed with gzip.</param>
    /// <param name="size">Pixels of the image that the coordinates belong to.</param>
    /// <exception cref="SlideException">The file can't be read or holds nothing of the kind.</exception>
    public static LabelImage Read(string path, PixelSize size) => Parse(path, nuclei => Draw(nuclei, size));

    /// <summary>Reads the outer rings of the nuclei, open, in the file's pixels: one for each part of each nucleus.</summary>
    /// <param name="path">As for <see cref="Read"/>.</param>
    /// <exception cref="SlideException">The file can't be read or holds nothing of the kind.</exception>
    public static IReadOnlyList<Vector2[]> ReadOutlines(string path) => Parse(path, nuclei => nuclei.SelectMany(n => n).Select(ring => Array.ConvertAll(ring, p => new Vector2((float)p.X, (float)p.Y))).ToList());

    private static T Parse<T>(string path, Func<List<(double X, double Y)[][]>, T> take)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            return take(Nuclei(path));
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw new SlideException(path, $"can't be read as GeoJSON outlines ({e.Message.TrimEnd('.')}); export them from QuPath with File > Export objects as GeoJSON.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, RgbImageFile.Unreadable(e), e);
        }
    }

    /// <summary>The outer rings of each nucleus.</summary>
    private static List<(double X, double Y)[][]> Nuclei(string path)
    {
        var detections = new List<(double X, double Y)[][]>();
        var others = new List<(double X, double Y)[][]>();
        foreach (var feature in GeoJsonFile.Features(path))
        {
            var isDetection = KindOf(feature) is "detection" or "cell";
            var rings = GeoJsonFile.Polygons(NucleusOf(feature)).Where(polygon => polygon.Length > 0).Select(polygon => Open(polygon[0])).ToArray();
            if (isDetection)
            {
                detections.Add(rings);
            }
            else if (detections.Count == 0)
            {
                others.Add(rings);
            }
        }

        return detections.Count > 0 ? detections : others;
    }

    private static string? KindOf(JsonElement feature) =>
        feature.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
        && (properties.TryGetProperty("objectType", out var kind) || properties.TryGetProperty("object_type", out kind)) && kind.ValueKind == JsonValueKind.String
            ? kind.GetString()
            : null;

    private static JsonElement NucleusOf(JsonElement feature) =>
        feature.TryGetProperty("nucleusGeometry", out var nucleus) && nucleus.ValueKind == JsonValueKind.Object ? nucleus : GeoJsonFile.GeometryOf(feature);

    private static (double X, double Y)[] Open((double X, double Y)[] ring)
    {
        var open = ring.Length > 1 && ring[^1] == ring[0] ? ring[..^1] : ring;
        return open.Length >= 3 ? open : throw new InvalidDataException("an outline has fewer than three points");
    }

    private static LabelImage Draw(List<(double X, double Y)[][]> nuclei, PixelSize size)
    {
        var image = new LabelImage(size.Width, size.Height);
        var raster = new OutlineRaster();
        var label = 0;
        var painted = 0L;
        foreach (var rings in nuclei)
        {
            if (rings.Length > 0)
            {
                label++;
            }

            foreach (var ring in rings)
            {
                // What an outline costs: a crossing for each row of each edge, and its pixels.
                OutlinePoint[] points = [.. ring.Select(p => OutlinePoint.Round(p.X, p.Y))];
                for (var i = 0; i < points.Length; i++)
                {
                    painted += Math.Abs((long)points[i].Y - points[(i + 1) % points.Length].Y) / OutlinePoint.PerPixel;
                }

                Require(painted);
                var runs = raster.Fill(points);
                foreach (var run in runs)
                {
                    painted += Math.Max(0, Math.Min(run.To, size.Width) - Math.Max(run.From, 0));
                }

                Require(painted);
                LabelPainter.Label(image, runs, label);
            }
        }

        return image;

        void Require(long work)
        {
            if (work > MostLayers * Math.Max(size.Area, 1 << 20))
            {
                throw new InvalidDataException("its outlines lie on each other by the dozen, or reach far beyond the picture");
            }
        }
    }
}
