using System.Numerics;
using System.Text;
using System.Text.Json;
using DuckDB.NET.Data;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Slides;
using NetTopologySuite.Geometries;
using NetTopologySuite.IO;
using Xunit;

namespace HoverFast.Tests.Output;

/// <summary>The table of nuclei as other programs see it: DuckDB reads the file, NetTopologySuite the outlines.</summary>
public sealed class GeoParquetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void DuckDbReadsOutlinesAndBoxesOfEveryRowGroup()
    {
        const int Count = 40_000;
        var path = Write(Count);
        using var rows = Query(
            $"select count(*), count(distinct id), min(bbox.xmin), max(bbox.ymax), bool_and(bbox.xmin < bbox.xmax), max(x_um / x_px) from '{path}'");
        Assert.True(rows.Read());
        Assert.Equal(Count, rows.GetInt64(0));
        Assert.Equal(Count, rows.GetInt64(1));
        Assert.Equal(-1.5, rows.GetDouble(2));
        Assert.Equal(20.25 + 4, rows.GetDouble(3));
        Assert.True(rows.GetBoolean(4));
        Assert.Equal(0.25, rows.GetDouble(5), 2);

        using var groups = Query(
            $"select count(distinct row_group_id), min(row_group_num_rows), bool_and(stats_min is not null or not (path_in_schema like 'bbox%')) from parquet_metadata('{path}')");
        Assert.True(groups.Read());
        Assert.Equal(3, groups.GetInt64(0));
        Assert.True(groups.GetBoolean(2), "boxes without least and most in a row group: readers could not pass over it");
    }

    [Fact]
    public void OutlinesAreWellKnownBinaryInPixels()
    {
        using var rows = Query($"select typeof(geometry), st_aswkb(geometry) from '{Write(3)}'");
        var reader = new WKBReader();
        for (var i = 0; i < 3; i++)
        {
            Assert.True(rows.Read());
            Assert.Equal("GEOMETRY", rows.GetString(0));
            using var blob = rows.GetStream(1);
            var polygon = Assert.IsType<Polygon>(reader.Read(blob));
            Assert.True(polygon.IsValid);
            Assert.Equal([new(i - 1.5, 20.25), new(i + 2.25, 20.25), new(i + 2.25, 24.25), new(i - 1.5, 20.25)], polygon.ExteriorRing.Coordinates);
        }

        Assert.False(rows.Read());
    }

    [Fact]
    public void TheFileSaysWhatGeoParquetAsksFor()
    {
        using var geo = Metadata(Write(3));
        Assert.Equal("1.1.0", geo.RootElement.GetProperty("version").GetString());
        Assert.Equal("geometry", geo.RootElement.GetProperty("primary_column").GetString());
        var column = geo.RootElement.GetProperty("columns").GetProperty("geometry");
        Assert.Equal("WKB", column.GetProperty("encoding").GetString());
        Assert.Equal("""["Polygon"]""", column.GetProperty("geometry_types").GetRawText());
        Assert.Equal(JsonValueKind.Null, column.GetProperty("crs").ValueKind);
        Assert.Equal([-1.5, 20.25, 4.25, 24.25], column.GetProperty("bbox").EnumerateArray().Select(v => v.GetDouble()));
        Assert.Equal(
            """{"xmin":["bbox","xmin"],"ymin":["bbox","ymin"],"xmax":["bbox","xmax"],"ymax":["bbox","ymax"]}""",
            column.GetProperty("covering").GetProperty("bbox").GetRawText());
    }

    [Fact]
    public void NoNucleiGiveATableWithoutBounds()
    {
        var path = Write(0);
        using var geo = Metadata(path);
        Assert.False(geo.RootElement.GetProperty("columns").GetProperty("geometry").TryGetProperty("bbox", out _));
        using var rows = Query($"select count(*) from '{path}'");
        Assert.True(rows.Read());
        Assert.Equal(0, rows.GetInt64(0));
    }

    private static JsonDocument Metadata(string path)
    {
        using var rows = Query($"select value from parquet_kv_metadata('{path}') where key = 'geo'::blob");
        Assert.True(rows.Read());
        using var text = new MemoryStream();
        using (var blob = rows.GetStream(0))
        {
            blob.CopyTo(text);
        }

        return JsonDocument.Parse(Encoding.UTF8.GetString(text.ToArray()));
    }

    private static DuckDBDataReader Query(string sql)
    {
        var connection = new DuckDBConnection("DataSource=:memory:;autoinstall_known_extensions=false;autoload_known_extensions=false");
        connection.Open();
        var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteReader(System.Data.CommandBehavior.CloseConnection);
    }

    private string Write(int count)
    {
        var path = _folder.File("a.parquet");
        using var writer = new NucleusWriter([new ParquetOutput(path, new Mpp(0.25), [new MeasurementName("Area", "area_um2", 2)])], "run"u8);
        for (var i = 0; i < count; i++)
        {
            var x = (i % 1000) - 1.5f;
            writer.Add(
                new Nucleus([new(x, 20.25f), new(x + 3.75f, 20.25f), new(x + 3.75f, 24.25f)])
                {
                    Centroid = new Vector2(x + 200, 22),
                    Area = 7.5,
                    MeanProbability = 1,
                    BoundaryConfidence = 1,
                },
                [7.5f]);
        }

        writer.Complete();
        return path;
    }
}
