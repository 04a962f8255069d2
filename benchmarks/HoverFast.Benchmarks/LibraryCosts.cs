using System.Globalization;
using System.IO.Compression;
using System.Text.Json;
using HoverFast.Output;
using HoverFast.Output.Gzip;
using HoverFast.Pipeline;

namespace HoverFast.Benchmarks;

/// <summary>
/// What our own writers of gzip and of JSON numbers cost beside .NET's, on the GeoJSON of a real slide: processor milliseconds per mm2, the least of
/// several passes, and the size. docs/decisions.md stands on these figures.
/// </summary>
internal static class LibraryCosts
{
    private const int Passes = 6;
    private const int Piece = 1 << 16;

    /// <summary>Usage: libraries SLIDE.geojson MM2.</summary>
    public static int Run(ReadOnlySpan<string> args)
    {
        var text = File.ReadAllBytes(args[0]);
        var area = double.Parse(args[1], CultureInfo.InvariantCulture);
        Console.WriteLine($"{text.Length * 1e-6 / area:0.00} MB of text per mm2");
        Measure("gzip: ours", area, stream => Copy(text, new GzipTextStream(stream)));
        for (var level = 1; level <= 6; level++)
        {
            var options = new ZLibCompressionOptions { CompressionLevel = level };
            Measure($"gzip: System.IO.Compression, level {level}", area, stream => Copy(text, new GZipStream(stream, options, leaveOpen: true)));
        }

        var coordinates = Coordinates(text);
        Measure("numbers: ours", area, stream => WriteOurs(coordinates, stream));
        Measure("numbers: Utf8JsonWriter, decimals", area, stream =>
            WriteJson(coordinates, stream, (json, value) => json.WriteNumberValue(new decimal(value, 0, 0, false, 2))));
        Measure("numbers: Utf8JsonWriter, doubles", area, stream => WriteJson(coordinates, stream, (json, value) => json.WriteNumberValue(value / 100.0)));
        return 0;
    }

    private static void Measure(string name, double area, Action<Stream> write)
    {
        var least = double.MaxValue;
        var size = 0L;
        for (var pass = 0; pass < Passes; pass++)
        {
            using var stream = new MemoryStream();
            var start = ThreadTime.Now;
            write(stream);
            least = Math.Min(least, (ThreadTime.Now - start) * 1e-9);
            size = stream.Length;
        }

        Console.WriteLine($"{name,-42} {least * 1000 / area,8:0.0} CPU ms per mm2 {size * 1e-6 / area,8:0.000} MB per mm2");
    }

    private static void Copy(byte[] text, Stream to)
    {
        using (to)
        {
            for (var i = 0; i < text.Length; i += Piece)
            {
                to.Write(text.AsSpan(i, Math.Min(Piece, text.Length - i)));
            }
        }
    }

    /// <summary>The coordinates of all outlines, in hundredths.</summary>
    private static int[] Coordinates(byte[] text)
    {
        var reader = new Utf8JsonReader(text);
        var found = new List<int>();
        while (reader.Read())
        {
            // Outlines are arrays in arrays in arrays; measurements lie less deep.
            if (reader.TokenType == JsonTokenType.Number && reader.CurrentDepth > 6)
            {
                found.Add((int)Math.Round(reader.GetDouble() * 100));
            }
        }

        return [.. found];
    }

    private static void WriteOurs(int[] values, Stream to)
    {
        using var text = new Utf8Text(to);
        foreach (var value in values)
        {
            text.AddHundredths(value);
            text.Add((byte)',');
        }

        text.Flush();
    }

    private static void WriteJson(int[] values, Stream to, Action<Utf8JsonWriter, int> write)
    {
        using var json = new Utf8JsonWriter(to, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartArray();
        foreach (var value in values)
        {
            write(json, value);
            if (json.BytesPending > Piece)
            {
                json.Flush();
            }
        }

        json.WriteEndArray();
    }
}
