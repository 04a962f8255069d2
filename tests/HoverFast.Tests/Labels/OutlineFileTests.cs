using System.IO.Compression;
using System.Numerics;
using System.Text;
using DuckDB.NET.Data;
using HoverFast.Labels;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Slides;
using HoverFast.Tests.Output;
using Xunit;

namespace HoverFast.Tests.Labels;

public sealed class OutlineFileTests : IDisposable
{
    private const string Square = "{\"type\":\"Polygon\",\"coordinates\":[[[1,1],[4,1],[4,3],[1,3],[1,1]]]}";
    private const string Elsewhere = "{\"type\":\"Polygon\",\"coordinates\":[[[5,1],[7,1],[7,2],[5,2],[5,1]]]}";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void DetectionsCountBeforeAnnotations()
    {
        var region = Feature("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[8,0],[8,4],[0,4],[0,0]]]}", "annotation");
        Assert.Equal(
            "........ .111.22. .111.... ........",
            Read($"{{\"type\":\"FeatureCollection\",\"features\":[{region},{Feature(Square, "detection")},{Feature(Elsewhere, "detection")}]}}"));
        Assert.Equal("........ .....11. ........ ........", Read($"[{Feature(Elsewhere, "annotation")}]"));
    }

    [Fact]
    public void OfACellTheNucleusCounts() => Assert.Equal(
        "........ .....11. ........ ........",
        Read($"[{{\"type\":\"Feature\",\"geometry\":{Square},\"nucleusGeometry\":{Elsewhere},\"properties\":{{\"objectType\":\"cell\"}}}}]"));

    [Fact]
    public void PartsOfOneObjectShareALabelAndOtherGeometriesAreLeftOut()
    {
        var two = "{\"type\":\"MultiPolygon\",\"coordinates\":[[[[0,0],[2,0],[2,1],[0,1],[0,0]]],[[[6,3],[8,3],[8,4],[6,4],[6,3]]]]}";
        var point = "{\"type\":\"Point\",\"coordinates\":[3,3]}";
        Assert.Equal("11...... ........ ........ ......11", Read($"[{Feature(point, "annotation")},{Feature(two, "annotation")}]"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[1],[2],[3]]]}}]")]
    [InlineData("[{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":7}}]")]
    [InlineData("[{}]")]
    [InlineData("[7]")]
    public void WhatIsNoGeoJsonIsRefusedByName(string text)
    {
        var path = _folder.File("x.geojson");
        File.WriteAllText(path, text);
        Assert.Contains(path, Assert.Throws<SlideException>(() => OutlineFile.Draw(path, new PixelSize(8, 4))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OutlinesComeOpenAndInOrder()
    {
        var path = _folder.File("x.geojson");
        File.WriteAllText(path, $"[{Feature(Square, "detection")},{Feature(Elsewhere, "detection")}]");
        Assert.Equal(
            [
                [new Vector2(1, 1), new Vector2(4, 1), new Vector2(4, 3), new Vector2(1, 3)],
                [new Vector2(5, 1), new Vector2(7, 1), new Vector2(7, 2), new Vector2(5, 2)],
            ],
            OutlineFile.Read(path));
    }

    [Theory]
    [InlineData("x.geojson", false)]
    [InlineData("x.geojson.gz", true)]
    [InlineData("x.geojson", true)]
    public void AByteOrderMarkAndGzipAreRead(string name, bool packed)
    {
        var path = _folder.File(name);
        byte[] text =
        [
            0xEF,
            0xBB,
            0xBF,
            .. Encoding.UTF8.GetBytes($" {{\"type\":\"FeatureCollection\", \"features\" : [ {Feature(Square, "detection")} ],\"more\":\"]}}\"}}"),
        ];
        using (var file = File.Create(path))
        using (var stream = packed ? (Stream)new GZipStream(file, CompressionMode.Compress) : file)
        {
            stream.Write(text);
        }

        Assert.Equal(4, Assert.Single(OutlineFile.Read(path)).Length);
    }

    [Theory]
    [InlineData("[],")]
    [InlineData("{},")]
    [InlineData("        ")]
    [InlineData("{\"geometry\":null},")]
    [InlineData("{\"type\":\"Feature\",\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,0],[0,1]]]}},")]
    public void AFewBytesDoNotUnpackToGigabytes(string again)
    {
        var path = _folder.File("bomb.geojson.gz");
        var block = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(again, 10_000)));
        using (var stream = new GZipStream(File.Create(path), CompressionMode.Compress))
        {
            stream.Write("{\"features\":["u8);
            for (var written = 0L; written < 200L << 20; written += block.Length)
            {
                stream.Write(block);
            }
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<SlideException>(() => OutlineFile.Read(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 800L << 20);
    }

    [Theory]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[[[1],[1,1],[2,0]]]}")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[[[1e400,0],[1,1],[2,0]]]}")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[[[1e9,0],[1,1],[2,0]]]}")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[[[null,0],[1,1],[2,0]]]}")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1]]]}")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":{}}")]
    [InlineData("{\"type\":\"Polygon\"}")]
    [InlineData("{\"type\":7,\"coordinates\":[]}")]
    [InlineData("{\"features\":[")]
    [InlineData("{\"features\":[{}]}")]
    [InlineData("{\"features\":[7]}")]
    [InlineData("7")]
    [InlineData("")]
    [InlineData("{\"a\":")]
    public void WhatIsNoOutlineIsRefused(string text)
    {
        var path = _folder.File("x.geojson");
        File.WriteAllText(path, text);
        var error = Assert.Throws<SlideException>(() => OutlineFile.Read(path));
        Assert.DoesNotContain('\n', error.Message);
        Assert.Throws<SlideException>(() => OutlineFile.Draw(path, new PixelSize(10, 10)));
    }

    [Fact]
    public void OutlinesThatPaintThePictureAgainAndAgainAreRefused()
    {
        var path = _folder.File("x.geojson");
        var large = Feature("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4000,0],[4000,4000],[0,4000]]]}", "detection");
        File.WriteAllText(path, $"[{string.Join(',', Enumerable.Repeat(large, 200))}]");
        Assert.Throws<SlideException>(() => OutlineFile.Draw(path, new PixelSize(4000, 4000)));
    }

    [Fact]
    public void OneFileThatWasSeenIsRefused()
    {
        var packed = SharedData.Require("cases", "hostile", "c_bomb2.geojson.gz.gz");
        var path = _folder.File("bomb.geojson.gz");
        using (var stream = new GZipStream(File.OpenRead(packed), CompressionMode.Decompress))
        using (var file = File.Create(path))
        {
            stream.CopyTo(file);
        }

        Assert.Throws<SlideException>(() => OutlineFile.Read(path));
    }

    [Theory]
    [InlineData("{\"name\":{\"features\":[7]},\"features\":[#],\"crs\":null}")]
    [InlineData("\uFEFF  [#]\n")]
    [InlineData("#")]
    public void AnyFormOfTheFileIsRead(string form)
    {
        Assert.Equal("........ .111.... .111.... ........", Read(form.Replace("#", Feature(Square, "detection"), StringComparison.Ordinal)));
        Assert.Equal("........ .111.... .111.... ........", Read(form.Replace("#", Feature(Square, "detection"), StringComparison.Ordinal), "x.json.gz"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(200)]
    public void CutFilesAreRefused(int missing)
    {
        var whole = $"{{\"type\":\"FeatureCollection\",\"features\":[{string.Join(',', Enumerable.Repeat(Feature(Square, "detection"), 900))}]}}";
        Assert.Equal("........ .111.... .111.... ........", Read(whole));
        Assert.Contains("x.geojson", Assert.Throws<SlideException>(() => Read(whole[..^missing])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ObjectsLargerThanABlockAreRead()
    {
        var ring = string.Join(',', Enumerable.Range(0, 40_000).Select(i => $"[{i},0]")) + ",[40000,3],[0,3],[0,0]";
        var path = _folder.File("x.geojson");
        File.WriteAllText(path, $"[{Feature(Square, "detection")},{Feature($"{{\"type\":\"Polygon\",\"coordinates\":[[{ring}]]}}", "detection")}]");
        Assert.Equal([4, 40_002], OutlineFile.Read(path).Select(o => o.Length));
    }

    [Fact]
    public void ParquetHoldsTheSameNucleiAsGeoJson()
    {
        var (json, parquet) = WriteStars(20_000);
        var outlines = OutlineFile.Read(json);
        Assert.Equal(20_000, outlines.Count);
        Assert.Equal(outlines, OutlineFile.Read(parquet));
    }

    [Fact]
    public void ParquetOfOtherProgramsIsRead()
    {
        var (json, parquet) = WriteStars(300);
        using var connection = new DuckDBConnection("DataSource=:memory:;autoinstall_known_extensions=false;autoload_known_extensions=false");
        connection.Open();

        // As a geometry of DuckDB's own, and as plain bytes in a column that may be empty.
        foreach (var column in new[] { "geometry", "case when x_px < 0 then null else st_aswkb(geometry) end as geometry" })
        {
            var path = _folder.File("other.parquet");
            using var command = connection.CreateCommand();
            command.CommandText = $"copy (select id, {column} from '{parquet}') to '{path}'";
            command.ExecuteNonQuery();
            Assert.Equal(OutlineFile.Read(json), OutlineFile.Read(path));
        }
    }

    [Fact]
    public void DamagedParquetAndTablesWithoutOutlinesAreRefusedByName()
    {
        var (_, parquet) = WriteStars(300);
        var bytes = File.ReadAllBytes(parquet);
        var random = new Random(3);
        for (var i = 0; i < 100; i++)
        {
            var mutant = bytes.ToArray();
            for (var j = 0; j < 1 + (i / 10); j++)
            {
                // Half of them in the description at the end.
                mutant[j % 2 == 0 ? random.Next(mutant.Length) : mutant.Length - 1 - random.Next(1500)] ^= (byte)(1 << random.Next(8));
            }

            File.WriteAllBytes(parquet, mutant);
            try
            {
                OutlineFile.Read(parquet);
            }
            catch (SlideException e)
            {
                Assert.Contains(parquet, e.Message, StringComparison.Ordinal);
            }
        }

        File.WriteAllBytes(parquet, bytes[..^100]);
        Assert.Throws<SlideException>(() => OutlineFile.Read(parquet));
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"copy (select 1 as id) to '{parquet}'";
        command.ExecuteNonQuery();
        Assert.Contains("geometry", Assert.Throws<SlideException>(() => OutlineFile.Read(parquet)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TypesOfParquetAreThoseOfGeoJson()
    {
        var (json, parquet) = WriteStars(40, [new("Neoplastic", 255, 0, 0), new("Inflammatory", 0, 0, 255)]);
        string?[] types = [.. Enumerable.Range(0, 40).Select(i => (i % 3) switch { 0 => null, 1 => "Neoplastic", _ => "Inflammatory" })];
        Assert.Equal(types, OutlineFile.ReadTyped(json).Select(n => n.Type));
        Assert.Equal(types, OutlineFile.ReadTyped(parquet).Select(n => n.Type));
        using var connection = new DuckDBConnection("DataSource=:memory:");
        connection.Open();
        foreach (var (column, isType) in new[] { ("nullif(class, '') as class", true), ("length(class) as class", false), ("[class] as class", false) })
        {
            var path = _folder.File("other.parquet");
            using var command = connection.CreateCommand();
            command.CommandText = $"copy (select geometry, {column} from '{parquet}') to '{path}'";
            command.ExecuteNonQuery();
            Assert.Equal(isType ? types : new string?[40], OutlineFile.ReadTyped(path).Select(n => n.Type));
        }
    }

    [Fact]
    public void TwoFilesOfOutlinesAreDrawnOnOneSize()
    {
        var (json, parquet) = WriteStars(40);
        var (a, b) = LabelImageFile.ReadPair(json, parquet);
        Assert.Equal(a.Size, b.Size);
        Assert.Equal(a.Labels, b.Labels);
        Assert.Contains(40, a.Labels);
        var image = _folder.File("a.png");
        LabelImageFile.WritePng(image, a);
        Assert.Equal(a.Labels, LabelImageFile.ReadPair(image, parquet).Second.Labels);
        Assert.Equal(a.Labels, LabelImageFile.ReadPair(parquet, image).First.Labels);
    }

    private (string Json, string Parquet) WriteStars(int count, NucleusClass[]? classes = null)
    {
        var random = new Random(count);
        var (json, parquet) = (_folder.File("a.geojson.gz"), _folder.File("a.parquet"));
        using var writer = new NucleusWriter([new GeoJsonOutput(json, [], classes), new ParquetOutput(parquet, new Mpp(0.25), [], classes)], "run"u8);
        for (var i = 0; i < count; i++)
        {
            Vector2[] ring =
            [
                .. RandomOutlines.Star(random, 12, 600).Select(p => new Vector2(10 + (i % 200 * 20) + (p.X / 100f), 10 + (i / 200 * 20) + (p.Y / 100f))),
            ];
            writer.Add(
                new Nucleus(ring)
                {
                    Centroid = ring[0],
                    Area = 1,
                    MeanProbability = 1,
                    BoundaryConfidence = 1,
                    Type = i % 3,
                },
                []);
        }

        writer.Complete();
        return (json, parquet);
    }

    private static string Feature(string geometry, string kind) =>
        $"{{\"type\":\"Feature\",\"geometry\":{geometry},\"properties\":{{\"objectType\":\"{kind}\"}}}}";

    private string Read(string text, string name = "x.geojson")
    {
        var path = _folder.File(name);
        using (var file = File.Create(path))
        {
            using var packed = name.EndsWith(".gz", StringComparison.Ordinal) ? (Stream)new GZipStream(file, CompressionLevel.Fastest) : file;
            packed.Write(Encoding.UTF8.GetBytes(text));
        }

        var image = OutlineFile.Draw(path, new PixelSize(8, 4));
        return string.Join(' ', image.Labels.Chunk(8).Select(row => string.Concat(row.Select(l => l == 0 ? "." : l.ToString()))));
    }
}
