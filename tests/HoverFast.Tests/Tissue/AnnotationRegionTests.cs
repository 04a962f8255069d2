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

    [Fact]
    public void HundredsOfCoresOfALargeSlideAreARegion()
    {
        // A tissue microarray: each circle is small, the slide has as many cells as a mask may have.
        var cores = Enumerable.Range(0, 400).Select(i => (X: 3000 + (i % 20 * 4500), Y: 3000 + (i / 20 * 4500)));
        var text = string.Join(
            ',',
            cores.Select(c => (c.X, c.Y, Left: c.X - 2000, Top: c.Y - 2000, Right: c.X + 2000, Bottom: c.Y + 2000))
                .Select(c => $"[[[{c.Left},{c.Y}],[{c.X},{c.Top}],[{c.Right},{c.Y}],[{c.X},{c.Bottom}]]]")
                .Select(rings => $"{{\"type\":\"Polygon\",\"coordinates\":{rings}}}"));
        var path = _folder.Write("r.geojson", Encoding.UTF8.GetBytes($"[{text}]"));
        var mask = AnnotationRegion.Read(path, new PixelSize(100_000, 100_000), new PixelRect(0, 0, 100_000, 100_000), _mpp);
        Assert.Equal(400 * 2.0, mask.AreaInSquareMillimetres, 0.1);
    }

    [Fact]
    public void ThousandsOfPolygonsOverTheWholeSlideAreRefused()
    {
        var all = string.Join(',', Enumerable.Repeat("{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[100000,0],[100000,100000],[0,100000]]]}", 2000));
        var path = _folder.Write("r.geojson", Encoding.UTF8.GetBytes($"[{all}]"));
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
