using System.Text.Json;
using HoverFast.Files;
using HoverFast.Labels;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Cluster.Cohort;

/// <summary>
/// The nuclei of all slides as one table in many files: <c>FOLDER/slide=NAME/nuclei.parquet</c>, which DuckDB and pyarrow read as a table with a column
/// <c>slide</c>. Each is GeoParquet. A slide's own Parquet is taken over as it is; else its GeoJSON is read nucleus by nucleus, so that memory does not grow
/// with slides or nuclei.
/// </summary>
public static class NucleusPartitions
{
    private const string File = "nuclei.parquet";

    /// <summary>Writes the partitions; those of slides that are no longer there, or whose nuclei can't be had any more, are taken away.</summary>
    /// <param name="table">The slides.</param>
    /// <param name="folder">Where to.</param>
    /// <param name="problem">Is told of each slide whose nuclei can't be had.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>Nuclei written, and slides that have them.</returns>
    public static async Task<(long Nuclei, int Slides)> WriteAsync(CohortTable table, string folder, Action<string> problem, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(problem);
        var nuclei = 0L;
        var written = new HashSet<string>(StringComparer.Ordinal);

        // Slides without nuclei last: their GeoJSON names no columns, and a table in many files has the same ones in each.
        Columns? columns = null;
        foreach (var row in table.Rows.OrderBy(r => r.Number("nuclei") == 0))
        {
            cancellation.ThrowIfCancellationRequested();
            var target = Path.Combine(FolderOf(folder, row.Name), File);
            try
            {
                if (Find(table.Folder, row, [".parquet"]) is { } parquet)
                {
                    await CopyAsync(parquet, target, cancellation);
                    nuclei += (long)row.Number("nuclei");
                }
                else if (Find(table.Folder, row, [".geojson.gz", ".json.gz", ".geojson"]) is { } geoJson)
                {
                    var own = Columns.Of(geoJson, row);
                    columns ??= own;
                    nuclei += Convert(geoJson, target, row, own ?? columns ?? new Columns([], []), cancellation);
                }
                else
                {
                    problem($"{row.Name} has neither Parquet nor GeoJSON: segment it with --write parquet.");
                    continue;
                }

                written.Add(FolderOf(folder, row.Name));
            }
            catch (Exception e)
                when (e is IOException or InvalidDataException or JsonException or UnauthorizedAccessException
                    or InvalidOperationException or ArgumentException)
            {
                problem($"{row.Name}: its nuclei can't be read ({e.Message.ReplaceLineEndings(" ").TrimEnd('.')}).");
            }
        }

        Clear(folder, written);
        return (nuclei, written.Count);
    }

    // Letters of other scripts stay as they are: escaped, a name of 45 Cyrillic ones is too long for a folder.
    private static string FolderOf(string folder, string slide) =>
        Path.Combine(folder, "slide=" + string.Concat(slide.Select(c => char.IsAscii(c) ? Uri.EscapeDataString(c.ToString()) : c.ToString())));

    private static string? Find(string folder, CohortRow row, string[] endings) =>
        row.Outputs.Where(o => endings.Any(e => o.EndsWith(e, StringComparison.OrdinalIgnoreCase)))
            .Select(o => Path.Combine(folder, o))
            .FirstOrDefault(RegularFile.Exists);

    private static async Task CopyAsync(string from, string to, CancellationToken cancellation)
    {
        using var file = new PartialFile(to);
        await using var source = RegularFile.OpenRead(from);
        ParquetFooter.Check(source);
        await source.CopyToAsync(file.Stream, cancellation);
        file.Complete();
    }

    private static long Convert(string geoJson, string target, CohortRow row, Columns columns, CancellationToken cancellation)
    {
        var (names, classes) = columns;
        using var output = new ParquetOutput(target, new Mpp(row.Number("mpp")), names, classes);
        var written = 0L;
        var values = new float[names.Count];
        foreach (var feature in GeoJsonFile.Features(geoJson))
        {
            cancellation.ThrowIfCancellationRequested();
            if (GeoJsonFile.Polygons(GeoJsonFile.GeometryOf(feature)).FirstOrDefault() is not [var ring, ..])
            {
                continue;
            }

            Array.Fill(values, float.NaN);
            foreach (var measurement in MeasurementsOf(feature))
            {
                values[names.FindIndex(n => n.Name == measurement.Name)] = measurement.Value.GetSingle();
            }

            var outline = NucleusRings.Open(ring);
            var contour = Array.ConvertAll(outline, p => new System.Numerics.Vector2((float)p.X / OutlinePoint.PerPixel, (float)p.Y / OutlinePoint.PerPixel));
            var (area, centroid) = OutlineClip.AreaOf(contour);
            output.Add(new SegmentedNucleus
            {
                Ordinal = written,
                Id = feature.TryGetProperty("id", out var id) && id.TryGetGuid(out var guid) ? guid : Guid.Empty,
                Outline = outline,
                Nucleus = new Nucleus(contour)
                {
                    Centroid = centroid,
                    Area = area,
                    MeanProbability = 0,
                    BoundaryConfidence = 0,
                    Type = 1 + classes.FindIndex(c => c.Name == ClassOf(feature)),
                },
                Measurements = values,
            });
            written++;
        }

        output.Complete();
        return written;
    }

    private static IEnumerable<JsonProperty> MeasurementsOf(JsonElement feature) =>
        feature.TryGetProperty("properties", out var properties)
            && properties.TryGetProperty("measurements", out var measurements)
            && measurements.ValueKind == JsonValueKind.Object
            ? measurements.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.Number)
            : [];

    private static string? ClassOf(JsonElement feature) =>
        feature.TryGetProperty("properties", out var properties)
            && properties.TryGetProperty("classification", out var type)
            && type.ValueKind == JsonValueKind.Object
            && type.TryGetProperty("name", out var name)
            ? name.GetString()
            : null;

    private static void Clear(string folder, HashSet<string> kept)
    {
        foreach (var old in Directory.Exists(folder) ? Directory.GetDirectories(folder, "slide=*").Where(d => !kept.Contains(d)) : [])
        {
            System.IO.File.Delete(Path.Combine(old, File));
            if (!Directory.EnumerateFileSystemEntries(old).Any())
            {
                Directory.Delete(old);
            }
        }
    }

    /// <summary>The columns of a slide's table, which must be known before the first row.</summary>
    private sealed record Columns(List<MeasurementName> Names, List<NucleusClass> Classes)
    {
        /// <summary>Names of measurements stand in every nucleus, classes in those that have one; null where there is no nucleus.</summary>
        public static Columns? Of(string geoJson, CohortRow row)
        {
            var stain = Enum.TryParse<Stain>(row.Text("stain"), out var known) ? known : Stain.HaematoxylinEosin;
            Columns? columns = null;
            foreach (var feature in GeoJsonFile.Features(geoJson))
            {
                columns ??= new Columns([], []);
                columns.AddNames(feature, stain);
                if (ClassOf(feature) is { } name && !columns.Classes.Exists(c => c.Name == name))
                {
                    columns.Classes.Add(new NucleusClass(name, 0, 0, 0));
                }
            }

            return columns;
        }

        private void AddNames(JsonElement feature, Stain stain)
        {
            foreach (var measurement in MeasurementsOf(feature))
            {
                if (!Names.Exists(n => n.Name == measurement.Name))
                {
                    Names.Add(
                        NucleusMeasurements.NamesOf(MeasurementChoice.All, stain).FirstOrDefault(n => n.Name == measurement.Name)
                            ?? new MeasurementName(measurement.Name, CohortRow.Snake(measurement.Name), 3));
                }
            }
        }
    }
}
