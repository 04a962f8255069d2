using System.IO.Compression;
using System.Text;
using HoverFast.Slides;
using HoverFast.Tissue;
using Xunit;

namespace HoverFast.Tests.Tissue;

public sealed class AnnotationRegionTests : IDisposable
{
    private const string Triangle = "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[200,0],[0,200],[0,0]]]}";
    private static readonly PixelSize _slide = new(400, 400);
    private static readonly Mpp _mpp = new(0.5);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, true)]
    public void AByteOrderMarkAndGzipAreRead(bool mark, bool packed)
    {
        var path = _folder.File("r.geojson");
        using (var file = File.Create(path))
        using (var stream = packed ? (Stream)new GZipStream(file, CompressionMode.Compress) : file)
        {
            stream.Write(mark ? [0xEF, 0xBB, 0xBF] : []);
            stream.Write(Encoding.UTF8.GetBytes($"{{\"type\":\"FeatureCollection\",\"features\":[{{\"type\":\"Feature\",\"geometry\":{Triangle}}}]}}"));
        }

        Check(path);
    }

    [Theory]
    [InlineData(Triangle)]
    [InlineData("[" + Triangle + "]")]
    [InlineData("{\"type\":\"Feature\",\"properties\":{},\"geometry\":" + Triangle + "}")]
    [InlineData("{\"type\":\"GeometryCollection\",\"geometries\":[" + Triangle + "]}")]
    public void EveryFormOfGeoJsonIsRead(string text) => Check(_folder.Write("r.geojson", Encoding.UTF8.GetBytes(text)));

    [Theory]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[[[1],[1,1],[2,0]]]}")]
    [InlineData("{\"type\":\"Polygon\",\"coordinates\":[[[1e400,0],[1,1],[2,0]]]}")]
    [InlineData("{\"type\":\"Point\",\"coordinates\":[1,1]}")]
    [InlineData("{\"features\":[]}")]
    [InlineData("{\"features\":[{\"geometry\":")]
    public void WhatIsNoRegionIsRefused(string text) => Assert.Throws<SlideException>(() => Read(_folder.Write("r.geojson", Encoding.UTF8.GetBytes(text))));

    [Fact]
    public void ARegionOfAMillionEdgesOverAllRowsIsRefused()
    {
        var points = string.Join(',', Enumerable.Range(0, 600_000).Select(i => $"[{i % 90_000},{(i % 2) * 90_000}]"));
        var path = _folder.Write("r.geojson", Encoding.UTF8.GetBytes($"{{\"type\":\"Polygon\",\"coordinates\":[[{points}]]}}"));
        Assert.Throws<SlideException>(() => AnnotationRegion.Read(path, new PixelSize(100_000, 100_000), new PixelRect(0, 0, 100_000, 100_000), _mpp));
    }

    private static TissueMask Read(string path) => AnnotationRegion.Read(path, _slide, new PixelRect(0, 0, 400, 400), _mpp);

    // Half of 100 x 100 um.
    private static void Check(string path)
    {
        var mask = Read(path);
        Assert.InRange(mask.AreaInSquareMillimetres, 0.0048, 0.0052);
        Assert.True(mask.Contains(20, 20));
        Assert.False(mask.Contains(80, 80));
    }
}
