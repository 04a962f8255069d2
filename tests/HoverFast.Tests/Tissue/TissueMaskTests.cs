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
        var mask = MaskImage.Read(path!, new PixelSize(2000, 1000), new Mpp(0.25));
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
        var error = Assert.Throws<SlideException>(() => MaskImage.Read(folder.File("m.png"), new PixelSize(2000, 1000), _half));
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
    public void RefusesARegionWithoutPolygons(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("r.geojson"), text);
        Assert.Throws<SlideException>(() => AnnotationRegion.Read(folder.File("r.geojson"), new PixelSize(100, 100), new PixelRect(0, 0, 100, 100), _half));
    }

    private static void Save(SKBitmap picture, string path)
    {
        using var file = File.Create(path);
        picture.Encode(file, SKEncodedImageFormat.Png, 100);
    }
}
