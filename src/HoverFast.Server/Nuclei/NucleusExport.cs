using System.Globalization;
using System.Text;
using System.Text.Json;

namespace HoverFast.Server.Nuclei;

/// <summary>Writes chosen nuclei as the result's own files have them: GeoJSON that QuPath imports, or a table.</summary>
internal static class NucleusExport
{
    private const int FlushAt = 1 << 16;

    /// <summary>Writes a GeoJSON FeatureCollection of detections.</summary>
    public static void WriteGeoJson(Stream stream, NucleusIndex index, RegionQuery query, CancellationToken cancellation)
    {
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("type", "FeatureCollection");
        json.WriteStartArray("features");
        query.Run(
            index,
            nucleus =>
            {
                Write(json, index.Summary, nucleus);
                if (json.BytesPending > FlushAt)
                {
                    json.Flush();
                }
            },
            cancellation);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes a row a nucleus: id, centroid in um from the corner of the slide's bounds, class, measurements.</summary>
    public static void WriteCsv(Stream stream, NucleusIndex index, RegionQuery query, CancellationToken cancellation)
    {
        using var text = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), FlushAt, leaveOpen: true) { NewLine = "\n" };
        var summary = index.Summary;
        text.WriteLine(string.Join(',', ((string[])["id", "x_um", "y_um", "class"]).Concat(summary.Measurements.Select(m => Cell(m.Name)))));
        query.Run(
            index,
            nucleus =>
            {
                var (x, y) = nucleus.Centroid();
                text.Write(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{nucleus.Id},{x * summary.Mpp:0.###},{y * summary.Mpp:0.###},{(nucleus.Class >= 0 ? Cell(summary.Classes[nucleus.Class].Name) : "")}")
                );
                for (var i = 0; i < summary.Measurements.Count; i++)
                {
                    text.Write(',');
                    text.Write(
                        i < nucleus.Values.Count && !float.IsNaN(nucleus.Values[i]) ? nucleus.Values[i].ToString(CultureInfo.InvariantCulture) : "");
                }

                text.WriteLine();
            },
            cancellation);
    }

    private static void Write(Utf8JsonWriter json, IndexSummary summary, IndexedNucleus nucleus)
    {
        json.WriteStartObject();
        json.WriteString("type", "Feature");
        if (nucleus.Id != Guid.Empty)
        {
            json.WriteString("id", nucleus.Id);
        }

        json.WriteStartObject("geometry");
        var isMulti = nucleus.RingEnds.Count > 1;
        json.WriteString("type", isMulti ? "MultiPolygon" : "Polygon");
        json.WriteStartArray("coordinates");
        for (var ring = 0; ring < nucleus.RingEnds.Count; ring++)
        {
            if (isMulti)
            {
                json.WriteStartArray();
            }

            WriteRing(json, nucleus, ring);
            if (isMulti)
            {
                json.WriteEndArray();
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("properties");
        json.WriteString("objectType", "detection");
        if (nucleus.Class >= 0)
        {
            var type = summary.Classes[nucleus.Class];
            json.WriteStartObject("classification");
            json.WriteString("name", type.Name);
            json.WriteStartArray("color");
            Array.ForEach(type.Color, json.WriteNumberValue);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteStartObject("measurements");
        for (var i = 0; i < Math.Min(nucleus.Values.Count, summary.Measurements.Count); i++)
        {
            if (!float.IsNaN(nucleus.Values[i]))
            {
                json.WriteNumber(summary.Measurements[i].Name, nucleus.Values[i]);
            }
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteRing(Utf8JsonWriter json, IndexedNucleus nucleus, int ring)
    {
        var (start, end) = nucleus.Ring(ring);
        json.WriteStartArray();
        for (var i = start; i <= end; i += 2)
        {
            // Closed: the first point comes once more.
            var p = i == end ? start : i;
            json.WriteStartArray();
            json.WriteNumberValue((decimal)nucleus.Points[p] / IndexedNucleus.Units);
            json.WriteNumberValue((decimal)nucleus.Points[p + 1] / IndexedNucleus.Units);
            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    // A name may begin as a formula of a spreadsheet does, or hold what parts cells.
    private static string Cell(string text)
    {
        var safe = text.Length > 0 && text[0] is '=' or '+' or '-' or '@' ? "'" + text : text;
        return safe.AsSpan().IndexOfAny("\",\r\n") >= 0 ? $"\"{safe.Replace("\"", "\"\"")}\"" : safe;
    }
}
