using System.Text.Json;
using HoverFast.Files;
using HoverFast.Labels;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Slides;
using HoverFast.Stains;
using Parquet;
using Parquet.Schema;

namespace HoverFast.Jobs.Finished;

/// <summary>Reads the nuclei of a result's file one after another, with all that it says of them: GeoJSON or Parquet.</summary>
internal static class WrittenNuclei
{
    /// <summary>Rows of a group that are held at once; those of results are far smaller.</summary>
    private const int MostRows = 1 << 20;

    /// <summary>Whether the nuclei of a kind of file can be read with their outlines.</summary>
    public static bool AreIn(ManifestFile file) => file.Kind is ResultKind.GeoJson or ResultKind.Parquet;

    /// <summary>The nuclei of a file, in its order; each is read when it is asked for.</summary>
    /// <param name="result">The result.</param>
    /// <param name="file">One of its files (<see cref="AreIn"/>).</param>
    /// <exception cref="SlideException">The file is missing or damaged, or holds something that is no nucleus.</exception>
    public static IEnumerable<WrittenNucleus> Read(FinishedResult result, ManifestFile file)
    {
        var path = file.PathIn(result.Folder) ?? throw new SlideException(result.Name, $"names the file {file.File}, which is none of its folder. Segment the slide again.");
        using var nuclei = (file.Kind == ResultKind.Parquet ? OfParquet(path, result.Manifest) : OfGeoJson(path)).GetEnumerator();
        while (true)
        {
            try
            {
                if (!nuclei.MoveNext())
                {
                    yield break;
                }
            }
            catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException or SlideException))
            {
                // Readers of formats throw many kinds where a file is damaged.
                throw new SlideException(path, $"can't be read as a result's {(file.Kind == ResultKind.Parquet ? "table" : "GeoJSON")} ({e.Message.TrimEnd('.')}).", e);
            }

            yield return nuclei.Current;
        }
    }

    private static IEnumerable<WrittenNucleus> OfGeoJson(string path)
    {
        foreach (var feature in GeoJsonFile.Features(path))
        {
            var polygon = GeoJsonFile.Polygons(GeoJsonFile.GeometryOf(feature)).First();
            var values = new Dictionary<string, double>(StringComparer.Ordinal);
            if (feature.TryGetProperty("properties", out var properties) && properties.TryGetProperty("measurements", out var measurements))
            {
                foreach (var value in measurements.EnumerateObject())
                {
                    values[value.Name] = value.Value.GetDouble();
                }
            }

            var id = feature.TryGetProperty("id", out var text) && text.ValueKind == JsonValueKind.String && Guid.TryParse(text.GetString(), out var known)
                ? known
                : Guid.Empty;
            yield return new WrittenNucleus(id, NucleusRings.Open(polygon[0]), GeoJsonOutlines.TypeOf(feature), values);
        }
    }

    private static IEnumerable<WrittenNucleus> OfParquet(string path, Manifest manifest)
    {
        using var file = RegularFile.OpenRead(path);
        ParquetFooter.Check(file);
        var reader = ParquetReader.CreateAsync(file).GetAwaiter().GetResult();
        try
        {
            var fields = reader.Schema.DataFields;
            var names = NucleusMeasurements.NamesOf(MeasurementChoice.All, Enum.Parse<Stain>(manifest.Settings.Stain), typed: true);
            var columns = names
                .Select(n => (n.Name, Field: fields.FirstOrDefault(f => f.Path.ToString() == n.Column)))
                .Where(c => c.Field is not null)
                .ToList();
            for (var g = 0; g < reader.RowGroupCount; g++)
            {
                using var group = reader.OpenRowGroupReader(g);
                if (group.RowCount is < 0 or > MostRows)
                {
                    throw new InvalidDataException($"a group of the table has more than {MostRows} rows");
                }

                var outlines = new byte[]?[group.RowCount];
                group.ReadAsync(Required(GeoParquet.Geometry), outlines.AsMemory(), null).AsTask().GetAwaiter().GetResult();
                var ids = Texts(group, Required("id"));
                var types = Array.Exists(fields, f => f.Path.ToString() == ParquetOutput.Class)
                    ? Texts(group, Required(ParquetOutput.Class))
                    : new string?[group.RowCount];
                var values = columns.ConvertAll(c => Numbers(group, c.Field!));
                for (var row = 0; row < outlines.Length; row++)
                {
                    var ring = outlines[row] is { } outline ? OutlineWkb.ReadOuterRings(outline).FirstOrDefault() : null;
                    var told = columns.Select((c, i) => (c.Name, Value: values[i][row])).Where(v => float.IsFinite(v.Value));
                    yield return new WrittenNucleus(
                        Guid.TryParse(ids[row], out var id) ? id : Guid.Empty,
                        NucleusRings.Open(ring ?? throw new InvalidDataException("a row has no outline")),
                        types[row] is { Length: > 0 } type ? type : null,
                        told.ToDictionary(v => v.Name, v => (double)v.Value, StringComparer.Ordinal));
                }
            }

            DataField Required(string name) =>
                fields.FirstOrDefault(f => f.Path.ToString() == name) ?? throw new InvalidDataException($"the table has no column {name}");
        }
        finally
        {
            reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }

    private static string?[] Texts(ParquetRowGroupReader group, DataField field)
    {
        var texts = new string?[group.RowCount];
        group.ReadAsync(field, texts.AsMemory(), null).AsTask().GetAwaiter().GetResult();
        return texts;
    }

    private static float[] Numbers(ParquetRowGroupReader group, DataField field)
    {
        var numbers = new float[group.RowCount];
        group.ReadAsync<float>(field, numbers.AsMemory(), null).AsTask().GetAwaiter().GetResult();
        return numbers;
    }
}
