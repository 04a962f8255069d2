using HoverFast.Files;
using HoverFast.Jobs;
using Parquet;
using Parquet.Schema;

namespace HoverFast.Cluster.Cohort;

/// <summary>The slides of a folder of results as one table: a row a slide.</summary>
public sealed class CohortTable
{
    // The columns that people look for first; the others follow by name.
    private static readonly string[] _first =
    [
        "slide", "file", "nuclei", "tissue_mm2", "density_per_mm2", "median_nucleus_area_um2", "mpp", "mpp_source",
        "width_px", "height_px", "format", "warning_count", "warnings", "corrupt_regions",
        "model", "model_version", "model_sha256", "stain", "seconds", "threads", "version", "finished",
    ];

    private CohortTable(string folder, IReadOnlyList<CohortRow> rows, IReadOnlyList<string> problems)
    {
        Folder = folder;
        Rows = rows;
        Problems = problems;
    }

    /// <summary>The folder of the results.</summary>
    public string Folder { get; }

    /// <summary>Slides.</summary>
    public int Count => Rows.Count;

    /// <summary>Manifests that could not be read, in sentences.</summary>
    public IReadOnlyList<string> Problems { get; }

    internal IReadOnlyList<CohortRow> Rows { get; }

    /// <summary>The columns: name, and type of the values: double, bool or string.</summary>
    internal IReadOnlyList<(string Name, Type Type)> Columns =>
    [
        .. Rows.SelectMany(r => r.Values)
            .GroupBy(v => v.Key, v => v.Value.GetType(), StringComparer.Ordinal)
            .Select(g => (Name: g.Key, Type: g.Distinct().Count() == 1 ? g.First() : typeof(string)))
            .OrderBy(c => Array.IndexOf(_first, c.Name) is var at and >= 0 ? at : _first.Length)
            .ThenBy(c => c.Name, StringComparer.Ordinal),
    ];

    /// <summary>Reads all manifests of a folder.</summary>
    /// <param name="folder">The folder of the results.</param>
    /// <exception cref="IOException">There is none that can be read.</exception>
    public static CohortTable Read(string folder)
    {
        var rows = new List<CohortRow>();
        var problems = new List<string>();
        foreach (var path in Manifest.PathsIn(folder))
        {
            try
            {
                rows.Add(CohortRow.Read(path));
            }
            catch (InvalidDataException e)
            {
                problems.Add(e.Message);
            }
        }

        return rows.Count > 0
            ? new CohortTable(folder, rows, problems)
            : throw new IOException(
                $"{folder} holds no result "
                    + $"(NAME.manifest.json){(problems.Count > 0 ? $": {problems[0]}" : "; name the folder that 'hoverfast segment' wrote to")}");
    }

    /// <summary>Writes the table as Parquet (whole or not at all); what a slide has no value for is null.</summary>
    public async Task WriteAsync(string path, CancellationToken cancellation)
    {
        using var file = new PartialFile(path);
        var columns = Columns;
        var schema = new ParquetSchema([.. columns.Select(c => FieldOf(c.Name, c.Type))]);
        await using (
            var writer = await ParquetWriter.CreateAsync(
                schema,
                file.Stream,
                new ParquetOptions { CompressionMethod = CompressionMethod.Zstd },
                cancellationToken: cancellation))
        {
            using var group = writer.CreateRowGroup();
            foreach (var (field, (name, type)) in schema.DataFields.Zip(columns))
            {
                var values = Rows.Select(r => r.Values.GetValueOrDefault(name));
                if (type == typeof(double))
                {
                    await group.WriteAsync<double>(field, values.Select(v => (double?)v).ToArray().AsMemory(), cancellationToken: cancellation);
                }
                else if (type == typeof(bool))
                {
                    await group.WriteAsync<bool>(field, values.Select(v => (bool?)v).ToArray().AsMemory(), cancellationToken: cancellation);
                }
                else
                {
                    await group.WriteAsync(
                        field,
                        [.. values.Select(v => (v as string ?? Convert.ToString(v, System.Globalization.CultureInfo.InvariantCulture))!)]);
                }
            }
        }

        file.Complete();
    }

    private static DataField FieldOf(string name, Type type) => type == typeof(double)
        ? new DataField<double?>(name)
        : type == typeof(bool)
        ? new DataField<bool?>(name)
        : new DataField<string>(name, nullable: true);
}
