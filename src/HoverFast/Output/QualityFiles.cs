using System.Text.Json;
using HoverFast.Quality;
using HoverFast.Slides;
using SkiaSharp;

namespace HoverFast.Output;

/// <summary>The files that show a slide's quality.</summary>
internal static class QualityFiles
{
    /// <summary>Writes all figures as JSON.</summary>
    public static void WriteJson(Stream stream, QualityReport report)
    {
        JsonSerializer.Serialize(stream, report, QualityJson.Relaxed.QualityReport);
        stream.WriteByte((byte)'\n');
    }

    /// <summary>Writes the fields that are not to be counted on as QuPath's annotations, one a field, classified by the reason.</summary>
    /// <param name="stream">Takes the GeoJSON.</param>
    /// <param name="report">The quality.</param>
    /// <param name="size">Pixels of the slide's bounds: fields at its edges reach beyond, annotations don't.</param>
    public static void WriteRegions(Stream stream, QualityReport report, PixelSize size)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("type", "FeatureCollection");
        json.WriteStartArray("features");
        foreach (var field in report.Fields.Where(f => f.IsDoubtful))
        {
            json.WriteStartObject();
            json.WriteString("type", "Feature");
            json.WriteStartObject("geometry");
            json.WriteString("type", "Polygon");
            json.WriteStartArray("coordinates");
            json.WriteStartArray();
            foreach (var (x, y) in (ReadOnlySpan<(double, double)>)[(0, 0), (1, 0), (1, 1), (0, 1), (0, 0)])
            {
                json.WriteStartArray();
                json.WriteNumberValue(Math.Clamp(Math.Round(field.X + (x * field.Side), 2), 0, size.Width));
                json.WriteNumberValue(Math.Clamp(Math.Round(field.Y + (y * field.Side), 2), 0, size.Height));
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartObject("properties");
            json.WriteString("objectType", "annotation");
            json.WriteString("name", field.Artefacts.Count > 0 ? string.Join(", ", field.Artefacts) : string.Join("; ", field.Quality.Differences));
            json.WriteStartObject("classification");
            json.WriteString("name", field.LeftOut ? "Artefact, left out" : field.Artefacts.Count > 0 ? "Artefact" : "Unlike what the model learned");
            json.WriteStartArray("color");
            json.WriteNumberValue(200);
            json.WriteNumberValue(30);
            json.WriteNumberValue(30);
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteStartObject("measurements");
            json.WriteNumber("Expected PQ", field.Quality.ExpectedPq ?? 0);
            json.WriteNumber("Shift", field.Quality.Shift ?? 0);
            json.WriteEndObject();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>
    /// Draws the expected PQ of each field over a small picture of the slide, from red (.3 and less) over yellow to green (.7 and more); doubtful fields are
    /// crossed out.
    /// </summary>
    /// <param name="stream">Takes the PNG.</param>
    /// <param name="report">The quality.</param>
    /// <param name="thumbnail">The slide's bounds, shrunk.</param>
    /// <param name="downsample">Full-resolution pixels in one pixel of the thumbnail.</param>
    public static void WritePicture(Stream stream, QualityReport report, RgbImage thumbnail, double downsample)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(thumbnail.Width, thumbnail.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        var pixels = bitmap.GetPixelSpan();
        for (var i = 0; i < thumbnail.Width * thumbnail.Height; i++)
        {
            var at = thumbnail.Pixels.AsSpan(3 * i, 3);
            var grey = (byte)Math.Round((0.299 * at[0]) + (0.587 * at[1]) + (0.114 * at[2]));
            (pixels[4 * i], pixels[(4 * i) + 1], pixels[(4 * i) + 2], pixels[(4 * i) + 3]) = (grey, grey, grey, 255);
        }

        using var canvas = new SKCanvas(bitmap);
        using var fill = new SKPaint { IsAntialias = false };
        using var cross = new SKPaint { Color = new SKColor(120, 0, 0), StrokeWidth = 2, IsAntialias = true };
        foreach (var field in report.Fields)
        {
            var side = (float)(field.Side / downsample);
            var box = SKRect.Create((float)(field.X / downsample), (float)(field.Y / downsample), side, side);
            fill.Color = ColourOf(field.Quality.ExpectedPq ?? 0);
            canvas.DrawRect(box, fill);
            if (field.IsDoubtful)
            {
                canvas.DrawLine(box.Left, box.Top, box.Right, box.Bottom, cross);
                canvas.DrawLine(box.Left, box.Bottom, box.Right, box.Top, cross);
            }
        }

        canvas.Flush();
        bitmap.Encode(stream, SKEncodedImageFormat.Png, 100);
    }

    private static SKColor ColourOf(double pq)
    {
        const double Worst = 0.3;
        const double Best = 0.7;
        const byte Cover = 120;
        var share = Math.Clamp((pq - Worst) / (Best - Worst), 0, 1);
        return share < 0.5 ? new SKColor(220, (byte)(40 + (360 * share)), 40, Cover) : new SKColor((byte)(220 - (360 * (share - 0.5))), 220, 40, Cover);
    }
}
