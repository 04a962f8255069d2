using System.IO.Compression;
using System.Numerics;
using System.Text;
using System.Text.Json;
using HoverFast.Nuclei;
using HoverFast.Output;
using NetTopologySuite.Geometries;
using Xunit;

namespace HoverFast.Tests.Output;

public sealed class GeoJsonOutputTests : IDisposable
{
    private static readonly MeasurementName[] _names = [new("Nucleus: Area \u00B5m^2", "area_um2", 2), new("Nucleus: Circularity", "circularity", 4)];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void WritesExactlyWhatQuPathReads()
    {
        var path = _folder.File("a.geojson");
        using (var writer = new NucleusWriter([new GeoJsonOutput(path, _names, [new("Neoplastic", 255, 0, 10)])], "run"u8))
        {
            writer.Add(Square(1, 2, 10, type: 1), [12.5f, 0.78543f]);
            writer.Add(Square(-0.125f, 100_000.25f, 1.5f), [1e6f, float.NaN]);
            writer.Complete();
        }

        var ids = Enumerable.Range(0, 2).Select(i => NucleusWriter.Identity(Run("run"), i)).ToArray();
        Assert.Equal(
            "{\"type\":\"FeatureCollection\",\"features\":["
                + $"{{\"type\":\"Feature\",\"id\":\"{ids[0]}\",\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[11,2],[11,12],[1,12],[1,2]]]}},"
                + "\"properties\":{\"objectType\":\"detection\",\"classification\":{\"name\":\"Neoplastic\",\"color\":[255,0,10]},"
                + "\"measurements\":{\"Nucleus: Area \u00B5m^2\":12.5,\"Nucleus: Circularity\":0.7854}}},"
                + $"{{\"type\":\"Feature\",\"id\":\"{ids[1]}\",\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[[[-0.13,100000.25],[1.38,100000.25],[1.38,100001.75],[-0.13,100001.75],[-0.13,100000.25]]]}},"
                + "\"properties\":{\"objectType\":\"detection\",\"measurements\":{\"Nucleus: Area \u00B5m^2\":1000000}}}]}",
            File.ReadAllText(path));
    }

    [Fact]
    public void GzipHoldsTheSameTextAndTwoRunsTheSameBytes()
    {
        var plain = _folder.File("a.geojson");
        var first = _folder.File("a.geojson.gz");
        var second = _folder.File("b.geojson.gz");
        WriteRandom(500, plain, first);
        WriteRandom(500, second);
        Assert.Equal(File.ReadAllBytes(first), File.ReadAllBytes(second));
        using var gzip = new GZipStream(File.OpenRead(first), CompressionMode.Decompress);
        Assert.Equal(File.ReadAllText(plain), new StreamReader(gzip).ReadToEnd());
    }

    [Fact]
    public void EveryPolygonIsValidAndEveryIdUnique()
    {
        var path = _folder.File("a.geojson");
        var counts = WriteRandom(3000, path);
        Assert.True(counts.Mended > 100 && counts.Dropped > 0, counts.ToString());
        using var json = JsonDocument.Parse(File.ReadAllBytes(path));
        var features = json.RootElement.GetProperty("features");
        Assert.Equal(counts.Written, features.GetArrayLength());
        Assert.Equal(3000, counts.Written + counts.Dropped);
        Assert.Equal(counts.Written, features.EnumerateArray().Select(f => f.GetProperty("id").GetGuid()).Distinct().Count());
        Assert.All(features.EnumerateArray(), feature =>
        {
            Coordinate[] ring =
            [
                .. feature
                    .GetProperty("geometry")
                    .GetProperty("coordinates")[0]
                    .EnumerateArray()
                    .Select(p => new Coordinate(p[0].GetDouble(), p[1].GetDouble())),
            ];
            Assert.True(ring.Length >= 4 && new Polygon(new LinearRing(ring)).IsValid);
        });
    }

    [Fact]
    public void SimplifiedOutlinesAreShorterAndValid()
    {
        var whole = _folder.File("a.geojson");
        var simple = _folder.File("b.geojson");
        WriteRandom(300, whole);
        using (var writer = new NucleusWriter([new GeoJsonOutput(simple, [])], "run"u8, simplify: 1))
        {
            AddRandom(writer, 300, []);
            writer.Complete();
        }

        Assert.True(new FileInfo(simple).Length < new FileInfo(whole).Length * 3 / 4);
    }

    [Fact]
    public void NoNucleiGiveAnEmptyCollection()
    {
        var path = _folder.File("a.geojson");
        WriteRandom(0, path);
        Assert.Equal("{\"type\":\"FeatureCollection\",\"features\":[]}", File.ReadAllText(path));
    }

    [Fact]
    public void AnInterruptedRunLeavesNothing()
    {
        foreach (var name in new[] { "a.geojson", "a.geojson.gz" })
        {
            using (var writer = new NucleusWriter([new GeoJsonOutput(_folder.File(name), _names)], "run"u8))
            {
                AddRandom(writer, 50, [1, 2]);
                Assert.Equal([name + ".partial"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));
            }

            Assert.Empty(Directory.GetFiles(_folder.Path));
        }
    }

    [Fact]
    public void NothingIsAllocatedPerNucleus()
    {
        using var writer = new NucleusWriter([new GeoJsonOutput(_folder.File("a.geojson"), _names)], "run"u8);
        var nucleus = Square(10, 10, 20);
        float[] measurements = [1.25f, 0.5f];
        writer.Add(nucleus, measurements);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            writer.Add(nucleus, measurements);
        }

        // A few large pieces go to the file.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2000);
    }

    [Theory]
    [InlineData(0.0, 3, "0")]
    [InlineData(-0.0004, 3, "0")]
    [InlineData(-0.05, 2, "-0.05")]
    [InlineData(1.125, 2, "1.13")]
    [InlineData(0.30000001192092896, 6, "0.3")]
    [InlineData(123456.789, 0, "123457")]
    [InlineData(1e20, 3, "100000000000000000000")]
    [InlineData(-7.5, 9, "-7.5")]
    public void NumbersAreShort(double value, int decimals, string expected)
    {
        using var stream = new MemoryStream();
        using var text = new Utf8Text(stream);
        text.Add(value, decimals);
        text.Flush();
        Assert.Equal(expected, Encoding.UTF8.GetString(stream.ToArray()));
    }

    private static UInt128 Run(string name) =>
        System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    private static OutlineCounts WriteRandom(int count, params string[] paths)
    {
        using var writer = new NucleusWriter([.. paths.Select(p => new GeoJsonOutput(p, _names))], "run"u8);
        AddRandom(writer, count, [123.456f, 0.9f]);
        writer.Complete();
        return writer.Counts;
    }

    private static void AddRandom(NucleusWriter writer, int count, float[] measurements)
    {
        var random = new Random(11);
        for (var i = 0; i < count; i++)
        {
            writer.Add(FromPoints([.. RandomOutlines.Next(random).Select(p => new Vector2(p.X % 100_000 / 100f, p.Y % 100_000 / 100f))]), measurements);
        }
    }

    private static Nucleus Square(float x, float y, float side, int type = 0) =>
        FromPoints([new(x, y), new(x + side, y), new(x + side, y + side), new(x, y + side)], type);

    private static Nucleus FromPoints(Vector2[] contour, int type = 0) => new(contour)
    {
        Centroid = contour[0],
        Area = 1,
        MeanProbability = 0.9f,
        BoundaryConfidence = 0.5f,
        Type = type,
    };
}
