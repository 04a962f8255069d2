using System.IO.Compression;
using System.Text;
using HoverFast.Server.Nuclei;
using HoverFast.Tests;
using Xunit;

namespace HoverFast.Server.Tests.Nuclei;

/// <summary>The fast reader takes what a general one takes, of our hand and of QuPath's.</summary>
public sealed class FeatureReaderTests : IDisposable
{
    private const string Square = "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[11.5,2],[11.25,12.01],[1,2]]]}";
    private const string Cell = "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[90,0],[90,90],[0,0]]]}";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("{\"type\":\"FeatureCollection\",\"features\":[{\"type\":\"Feature\"," + Square + "}]}")]
    [InlineData("[{\"type\":\"Feature\"," + Square + "}]")]
    [InlineData("\uFEFF { \"features\" : [ {" + Square + " } ] , \"bbox\": [1,2] }")]
    [InlineData("[{\"properties\":null,\"id\":7,\"extra\":{\"a\":[{\"b\":\"]}\\\"\"}]}," + Square + "}]")]
    [InlineData("[{\"geometry\":{\"coordinates\":[[[1,2],[11.5,2,0],[1.125e1,12.01],[1,2]]],\"type\":\"Polygon\"}}]")]
    [InlineData("[{\"geometry\":{\"type\":\"Point\",\"coordinates\":[1,2]}},{\"geometry\":null},{" + Square + "}]")]
    [InlineData("[{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[11.5,2],[11.25,12.01],[1,2]],[[3,3],[4,3],[4,4],[3,3]]]}}]")]
    [InlineData(
        "[{\"nucleusGeometry\":{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[11.5,2],[11.25,12.01],[1,2]]]},\"geometry\":" + Cell + "}]"
    )]
    [InlineData(
        "[{\"geometry\":" + Cell + ",\"nucleusGeometry\":{\"type\":\"Polygon\",\"coordinates\":[[[1,2],[11.5,2],[11.25,12.01],[1,2]]]}}]"
    )]
    public void OneNucleusIsReadHoweverItIsWritten(string json)
    {
        foreach (var packed in new[] { false, true })
        {
            var nucleus = Assert.Single(Read(json, packed).Nuclei);
            Assert.Equal([100, 200, 1150, 200, 1125, 1201], nucleus.Points);
        }
    }

    [Fact]
    public void MeasurementsAndClassesOfAllDialectsAreTaken()
    {
        var read = Read(
            """
            [{SQUARE,"id":"70db9956-9a45-840d-9d91-562f9a1b790b","properties":{"classification":{"name":"Tumour","color":[200,0,1]},
               "measurements":{"A":1.5,"B \"x\"":-2e-3}}},
             {SQUARE,"properties":{"classification":{"names":["Tumour","Positive"]},"measurements":[{"name":"B \"x\"","value":7},{"name":"C","value":"NaN"},
               {"name":"A","value":NaN}]}},
             {SQUARE,"properties":{"classification":"Stroma","measurements":{"C":3}}}]
            """.Replace("SQUARE", Square, StringComparison.Ordinal),
            packed: false);
        Assert.Equal(["A", "B \"x\"", "C"], read.Measurements);
        Assert.Equal(["Tumour", "Tumour: Positive", "Stroma"], read.Classes);
        Assert.Equal(Guid.Parse("70db9956-9a45-840d-9d91-562f9a1b790b"), read.Nuclei[0].Id);
        Assert.Equal([0, 1, 2], read.Nuclei.Select(n => n.Class));
        Assert.Equal([1.5f, -2e-3f], read.Nuclei[0].Values);
        Assert.Equal([float.NaN, 7f], read.Nuclei[1].Values);
        Assert.Equal([float.NaN, float.NaN, 3f], read.Nuclei[2].Values);
    }

    [Fact]
    public void PartsOfANucleusAreRingsOfOne()
    {
        var nucleus = Assert.Single(
            Read(
                """
                [{"geometry":{"type":"MultiPolygon","coordinates":
                    [[[[0,0],[4,0],[4,4],[0,0]]],[[[9,9],[12,9],[12,12],[9,9]],[[10,9.5],[11,9.5],[11,10],[10,9.5]]]]}}]
                """,
                packed: false
            ).Nuclei);
        Assert.Equal([6, 12], nucleus.RingEnds);
        Assert.True(nucleus.Contains(3, 1) && nucleus.Contains(11, 9.7) && !nucleus.Contains(7, 7));
    }

    /// <summary>Features lie across the edges of buffers wherever those fall.</summary>
    [Fact]
    public void AFileOfManyBuffersIsReadWhole()
    {
        var text = new StringBuilder("[");
        const int Count = 60_000;
        for (var i = 0; i < Count; i++)
        {
            text.Append(i > 0 ? "," : "")
                .Append(
                    System.Globalization.CultureInfo.InvariantCulture,
                    $"{{\"geometry\":{{\"type\":\"Polygon\",\"coordinates\":[[[{i},0],[{i + 5}.25,0],[{i},7.5],[{i},0]]]}},"
                    + $"\"properties\":{{\"measurements\":{{\"n\":{i}}}}}}}"
                );
        }

        var read = Read(text.Append(']').ToString(), packed: true);
        Assert.Equal(Count, read.Nuclei.Count);
        for (var i = 0; i < Count; i++)
        {
            Assert.Equal((i, i * 100, (float)i), (read.Nuclei[i].Ordinal, read.Nuclei[i].Points[0], read.Nuclei[i].Values[0]));
        }
    }

    [Theory]
    [InlineData("[{" + Square + "}", "cut short")]
    [InlineData("{\"type\":\"FeatureCollection\"}", "no list of features")]
    [InlineData("[{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[1e99,0],[1,1],[2,2],[1,0]]]}}]", "beyond all slides")]
    [InlineData("[{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[42949673,0],[42949683,1],[42949683,2],[42949673,0]]]}}]", "beyond all slides")]
    [InlineData("[{\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[1,2],[3,4]]}}]", "is missing")]
    [InlineData("[1]", "is missing")]
    [InlineData("", "cut short")]
    [InlineData("<html>", "is missing")]
    public void WhatIsBrokenIsToldInWords(string json, string said) =>
        Assert.Contains(said, Assert.Throws<InvalidDataException>(() => Read(json, packed: false)).Message, StringComparison.Ordinal);

    /// <summary>No answer could tell of a nucleus with an infinite value.</summary>
    [Fact]
    public void ValuesThatNoIndexHoldsAreNone()
    {
        var nucleus = Assert.Single(Read("[{" + Square + ",\"properties\":{\"measurements\":{\"A\":1e39,\"B\":-1e39,\"C\":1e38}}}]", packed: false).Nuclei);
        Assert.Equal([float.NaN, float.NaN, 1e38f], nucleus.Values);
    }

    [Fact]
    public void DeepNestingAndDamagedPackingEndInAnError()
    {
        Assert.Contains(
            "nested too deep",
            Assert.Throws<InvalidDataException>(() => Read("[{\"a\":" + new string('[', 100_000), packed: false)).Message,
            StringComparison.Ordinal);
        var path = Write("[{" + Square + "}]", packed: true);
        var bytes = File.ReadAllBytes(path);
        bytes.AsSpan(12, 20).Fill(0xFF);
        File.WriteAllBytes(path, bytes);
        Assert.Throws<InvalidDataException>(() => ReadFile(path));
    }

    private (List<IndexedNucleus> Nuclei, IReadOnlyList<string> Measurements, IReadOnlyList<string> Classes) Read(string json, bool packed) =>
        ReadFile(Write(json, packed));

    private static (List<IndexedNucleus> Nuclei, IReadOnlyList<string> Measurements, IReadOnlyList<string> Classes) ReadFile(string path)
    {
        using var reader = new FeatureReader(path);
        var all = new List<IndexedNucleus>();
        var nucleus = new IndexedNucleus();
        while (reader.Read(nucleus))
        {
            all.Add(nucleus);
            nucleus = new IndexedNucleus();
        }

        return (all, reader.Measurements, [.. reader.Classes.Select(c => c.Name)]);
    }

    private string Write(string json, bool packed)
    {
        var path = _folder.File(packed ? "nuclei.geojson.gz" : "nuclei.geojson");
        using var file = File.Create(path);
        using var stream = packed ? (Stream)new GZipStream(file, CompressionLevel.Fastest) : file;
        stream.Write(Encoding.UTF8.GetBytes(json));
        return path;
    }
}
