using System.Numerics;
using HoverFast.Labels;
using HoverFast.Output;
using HoverFast.Slides;
using Xunit;

namespace HoverFast.Tests.Labels;

public sealed class LabelGeoJsonTests : IDisposable
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
        Assert.Contains(path, Assert.Throws<SlideException>(() => LabelGeoJson.Read(path, new PixelSize(8, 4))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OutlinesComeOpenAndInOrder()
    {
        var path = _folder.File("x.geojson");
        File.WriteAllText(path, $"[{Feature(Square, "detection")},{Feature(Elsewhere, "detection")}]");
        Assert.Equal(
            [[new Vector2(1, 1), new Vector2(4, 1), new Vector2(4, 3), new Vector2(1, 3)], [new Vector2(5, 1), new Vector2(7, 1), new Vector2(7, 2), new Vector2(5, 2)]],
            LabelGeoJson.ReadOutlines(path));
    }

    [Theory]
    [InlineData("x.geojson", false)]
    [InlineData("x.geojson.gz", true)]
    [InlineData("x.geojson", true)]
    public void AByteOrderMarkAndGzipAreRead(string name, bool packed)
    {
        var path = _folder.File(name);
        byte[] text = [0xEF, 0xBB, 0xBF, .. System.Text.Encoding.UTF8.GetBytes($" {{\"type\":\"FeatureCollection\", \"features\" : [ {Feature(Square, "detection")} ],\"more\":\"]}}\"}}")];
        using (var file = File.Create(path))
        using (var stream = packed ? (Stream)new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionMode.Compress) : file)
        {
            stream.Write(text);
        }

        Assert.Equal(4, Assert.Single(LabelGeoJson.ReadOutlines(path)).Length);
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
        var block = System.Text.Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(again, 10_000)));
        using (var stream = new System.IO.Compression.GZipStream(File.Create(path), System.IO.Compression.CompressionMode.Compress))
        {
            stream.Write("{\"features\":["u8);
            for (var written = 0L; written < 200L << 20; written += block.Length)
            {
                stream.Write(block);
            }
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<SlideException>(() => LabelGeoJson.ReadOutlines(path));
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
        var error = Assert.Throws<SlideException>(() => LabelGeoJson.ReadOutlines(path));
        Assert.DoesNotContain('\n', error.Message);
        Assert.Throws<SlideException>(() => LabelGeoJson.Read(path, new PixelSize(10, 10)));
    }

    [Fact]
    public void OutlinesThatPaintThePictureAgainAndAgainAreRefused()
    {
        var path = _folder.File("x.geojson");
        var large = Feature("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[4000,0],[4000,4000],[0,4000]]]}", "detection");
        File.WriteAllText(path, $"[{string.Join(',', Enumerable.Repeat(large, 200))}]");
        Assert.Throws<SlideException>(() => LabelGeoJson.Read(path, new PixelSize(4000, 4000)));
    }

    [Fact]
    public void OneFileThatWasSeenIsRefused()
    {
        var packed = SharedData.Require("cases", "hostile", "c_bomb2.geojson.gz.gz");
        var path = _folder.File("bomb.geojson.gz");
        using (var stream = new System.IO.Compression.GZipStream(File.OpenRead(packed), System.IO.Compression.CompressionMode.Decompress))
        using (var file = File.Create(path))
        {
            stream.CopyTo(file);
        }

        Assert.Throws<SlideException>(() => LabelGeoJson.ReadOutlines(path));
    }

    private static string Feature(string geometry, string kind) => $"{{\"type\":\"Feature\",\"geometry\":{geometry},\"properties\":{{\"objectType\":\"{kind}\"}}}}";

    private string Read(string text)
    {
        var path = _folder.File("x.geojson");
        File.WriteAllText(path, text);
        var image = LabelGeoJson.Read(path, new PixelSize(8, 4));
        return string.Join(' ', image.Labels.Chunk(8).Select(row => string.Concat(row.Select(l => l == 0 ? "." : l.ToString()))));
    }
}
