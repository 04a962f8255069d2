using HoverFast.Slides;
using HoverFast.Tissue;
using SkiaSharp;
using Xunit;

namespace HoverFast.Tests.Tissue;

public sealed class TissueMaskTests
{
    private static readonly Mpp _half = new(0.5);

    [Fact]
    public void MeetsRectanglesThatTouchTissue()
    {
        var cells = new bool[16];
        cells[(2 * 4) + 1] = true;
        var mask = new TissueMask(4, 4, cells, 8, 8, "drawn");

        // The cell covers microns 8..16 by 16..24: working pixels 16..32 by 32..48.
        Assert.Equal(new WorkingRect(31, 47, 1, 1), mask.Within(new WorkingRect(31, 47, 10, 10), _half));
        Assert.Null(mask.Within(new WorkingRect(32, 32, 16, 16), _half));
        Assert.Null(mask.Within(new WorkingRect(16, 48, 16, 16), _half));
        Assert.Equal(new WorkingRect(16, 32, 16, 16), mask.Within(new WorkingRect(-100, -100, 1000, 1000), _half));

        // Where cells are no whole number of pixels, the part holds them all the same.
        Assert.Equal(new WorkingRect(22, 45, 24, 24), mask.Within(new WorkingRect(0, 0, 1000, 1000), new Mpp(0.35)));
        Assert.True(mask.Contains(8, 16));
        Assert.False(mask.Contains(16, 16));
        Assert.Equal(64e-6, mask.AreaInSquareMillimetres, 12);
    }

    [Fact]
    public void ReadsAMaskPictureOfAnyScale()
    {
        using var folder = new TemporaryFolder();
        using var picture = new SKBitmap(20, 10, SKColorType.Gray8, SKAlphaType.Opaque);
        picture.Erase(SKColors.Black);
        picture.SetPixel(19, 9, SKColors.White);
        Save(picture, folder.File("case.svs_mask_use.png"));

        var path = MaskImage.Find(folder.Path, "/slides/case.svs");
        Assert.Equal(folder.File("case.svs_mask_use.png"), path);
        var mask = MaskImage.Read(path!, new PixelSize(2000, 1000), new PixelRect(0, 0, 2000, 1000), new Mpp(0.25));
        Assert.True(mask.Contains(499, 249));
        Assert.False(mask.Contains(470, 249));
        Assert.Null(MaskImage.Find(folder.Path, "/slides/other.svs"));
    }

    [Fact]
    public void RefusesAMaskOfAnotherShape()
    {
        using var folder = new TemporaryFolder();
        using var picture = new SKBitmap(100, 100);
        Save(picture, folder.File("m.png"));
        var error = Assert.Throws<SlideException>(() =>
            MaskImage.Read(folder.File("m.png"), new PixelSize(2000, 1000), new PixelRect(0, 0, 2000, 1000), _half));
        Assert.Contains("2000 x 1000", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReadsQuPathAnnotationsWithHolesAndBounds()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("r.geojson"), """
            {"type":"FeatureCollection","features":[
              {"type":"Feature","id":"a","geometry":{"type":"Polygon","coordinates":[
                [[0,0],[400,0],[400,400],[0,400],[0,0]],[[100,100],[300,100],[300,300],[100,300],[100,100]]]},"properties":{"objectType":"annotation"}},
              {"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":[[[[500,500],[600,500],[600,600],[500,500]]]]},"properties":{}}]}
            """);
        var mask = AnnotationRegion.Read(folder.File("r.geojson"), new PixelSize(1000, 1000), new PixelRect(100, 0, 900, 1000), _half);
        Assert.True(At(150, 50));
        Assert.False(At(50, 50));
        Assert.False(At(300, 200));
        Assert.True(At(690, 510));
        Assert.False(At(610, 590));

        // Level-0 pixels of the slide, whose bounds start 100 pixels to the right.
        bool At(double x, double y) => mask.Contains(x * 0.5, y * 0.5);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("""{"type":"Point","coordinates":[1,2]}""")]
    [InlineData("""{"type":"Polygon","coordinates":[[["a","b"]]]}""")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[50],[50,50],[0,0]]]}""")]
    [InlineData("""{"type":"Polygon","coordinates":[[[0,0],[1e400,0],[50,50],[0,0]]]}""")]
    [InlineData("""{"type":"Polygon","coordinates":[[[500,500],[600,500],[600,600],[500,500]]]}""")]
    [InlineData("""{"type":"Polygon","coordinates":[[[10,10],[10,10],[10,10]]]}""")]
    public void RefusesARegionWithoutPolygons(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("r.geojson"), text);
        Assert.Throws<SlideException>(() => AnnotationRegion.Read(folder.File("r.geojson"), new PixelSize(100, 100), new PixelRect(0, 0, 100, 100), _half));
    }

    [Theory]
    [InlineData("bom")]
    [InlineData("gzip")]
    public void RegionsComeInManyCodes(string code)
    {
        using var folder = new TemporaryFolder();
        const string Text = """{"type":"Polygon","coordinates":[[[10,10],[50,10],[50,50],[10,50],[10,10]]]}""";
        var bytes = System.Text.Encoding.UTF8.GetBytes(Text);
        var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        File.WriteAllBytes(folder.File("r.geojson"), code switch
        {
            "bom" => [0xEF, 0xBB, 0xBF, .. bytes],
            _ => packed.ToArray(),
        });
        var mask = AnnotationRegion.Read(folder.File("r.geojson"), new PixelSize(100, 100), new PixelRect(0, 0, 100, 100), new Mpp(2));
        Assert.Equal(40 * 40, mask.Cells.Count(true));
        Assert.True(mask.Contains(60, 60));
        Assert.False(mask.Contains(19, 60));
    }

    [Fact]
    public void PolygonsAddUpAndRingsCutOut()
    {
        // Against the rule itself, point by point.
        var random = new Random(3);
        (double X, double Y)[] Ring() =>
            [.. Enumerable.Range(0, random.Next(3, 9)).Select(_ => ((random.NextDouble() * 70) - 10, (random.NextDouble() * 70) - 10))];
        var polygons = Enumerable.Range(0, 6).Select(_ => new[] { Ring(), Ring() }).ToList();
        using var folder = new TemporaryFolder();
        var rings = polygons.Select(p =>
            "["
            + string.Join(
                ',',
                p.Select(r =>
                    "[" + string.Join(',', r.Select(c => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"[{c.X:R},{c.Y:R}]"))) + "]"))
            + "]");
        File.WriteAllText(folder.File("r.geojson"), $$"""{"type":"MultiPolygon","coordinates":[{{string.Join(',', rings)}}]}""");
        var mask = AnnotationRegion.Read(folder.File("r.geojson"), new PixelSize(50, 40), new PixelRect(0, 0, 50, 40), new Mpp(2));
        for (var y = 0; y < 40; y++)
        {
            for (var x = 0; x < 50; x++)
            {
                Assert.Equal(polygons.Exists(p => p.Sum(ring => Crossings(ring, x + 0.5, y + 0.5)) % 2 == 1), mask.Cells[(y * 50) + x]);
            }
        }

        static int Crossings((double X, double Y)[] ring, double x, double y)
        {
            var count = 0;
            for (var i = 0; i < ring.Length; i++)
            {
                var (a, b) = (ring[i], ring[(i + 1) % ring.Length]);
                count += a.Y <= y != b.Y <= y && a.X + ((y - a.Y) / (b.Y - a.Y) * (b.X - a.X)) <= x ? 1 : 0;
            }

            return count;
        }
    }

    private static void Save(SKBitmap picture, string path)
    {
        using var file = File.Create(path);
        picture.Encode(file, SKEncodedImageFormat.Png, 100);
    }
}
