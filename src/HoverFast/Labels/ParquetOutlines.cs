using System.Text.Json;
using HoverFast.Files;
using HoverFast.Output;
using Parquet;

namespace HoverFast.Labels;

/// <summary>
/// Nuclei of a Parquet table: outlines as well-known binary in the column that GeoParquet names, or in <c>geometry</c>, and their types in the column
/// <c>class</c>, where it is there and holds text.
/// </summary>
internal static class ParquetOutlines
{
    /// <summary>Rows that a group and a file may have.</summary>
    private const long MostRows = 1L << 26;

    /// <summary>Reads the nuclei, row group by row group.</summary>
    /// <exception cref="FormatException">The table has no outlines.</exception>
    public static List<NucleusRings> Read(string path) => ReadAsync(path).GetAwaiter().GetResult();

    private static async Task<List<NucleusRings>> ReadAsync(string path)
    {
        await using var file = RegularFile.OpenRead(path);
        ParquetFooter.Check(file);
        await using var reader = await ParquetReader.CreateAsync(file);
        var name = NameOf(reader.CustomMetadata);
        var column = reader.Schema.DataFields.FirstOrDefault(f => f.Path.ToString() == name && f.ClrType == typeof(ReadOnlyMemory<byte>))
            ?? throw new FormatException($"it has no column {name} of outlines (GeoParquet)");
        var types = reader.Schema.DataFields.FirstOrDefault(f => f.Path.ToString() == ParquetOutput.Class && f.ClrType == typeof(ReadOnlyMemory<char>));
        var nuclei = new List<NucleusRings>();
        for (var g = 0; g < reader.RowGroupCount; g++)
        {
            using var group = reader.OpenRowGroupReader(g);
            if (group.RowCount < 0 || group.RowCount + nuclei.Count > MostRows)
            {
                throw new FormatException($"it has more than {MostRows / 1_000_000} million rows");
            }

            var outlines = new byte[]?[group.RowCount];
            await group.ReadAsync(column, outlines.AsMemory(), null);
            var names = new string?[group.RowCount];
            if (types is not null)
            {
                await group.ReadAsync(types, names.AsMemory(), null);
            }

            for (var row = 0; row < outlines.Length; row++)
            {
                // Empty rows are no nuclei, nor are other geometries than polygons.
                if (outlines[row] is { } outline && OutlineWkb.ReadOuterRings(outline) is { Count: > 0 } rings)
                {
                    nuclei.Add(new NucleusRings([.. rings.Select(ring => NucleusRings.Open(ring))], names[row] is { Length: > 0 } type ? type : null));
                }
            }
        }

        return nuclei;
    }

    private static string NameOf(IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue(GeoParquet.Key, out var text))
        {
            return GeoParquet.Geometry;
        }

        using var geo = JsonDocument.Parse(text);
        return geo.RootElement.TryGetProperty("primary_column", out var name) ? name.GetString() ?? GeoParquet.Geometry : GeoParquet.Geometry;
    }
}
