using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Training.Data;
using Xunit;

namespace HoverFast.Training.Tests;

/// <summary>Labels that make no sense are named before anything is learned from them.</summary>
public sealed class TileCheckTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void SoundTilesAreCountedAndMeasured()
    {
        Drawn.Write(_folder.Path, Grid("a", 4), Grid("b", 3, shade: 100));

        var report = Check(_folder.Path, 0.25);

        Assert.Empty(report.Errors);
        Assert.Empty(report.Warnings);
        Assert.Equal([16, 9], report.Tiles.Select(t => t.Nuclei));

        // Discs of radius 11 pixels are 5.5 um across.
        Assert.InRange(report.MedianDiameter!.Value, 5.3, 5.7);
    }

    [Fact]
    public void OneMaskForAllNucleiIsRefused()
    {
        var grid = Grid("a", 4);
        Drawn.Write(_folder.Path, Relabelled(grid, _ => 255));
        Assert.Contains("a.png: is one mask: 16 separate things share one label", Single(Check(_folder.Path, 0.25).Tiles[0].Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void AMaskOfClassesIsRefused()
    {
        Drawn.Write(_folder.Path, Relabelled(Grid("a", 4), label => 1 + (label % 3)));
        Assert.Contains("mask of classes: 16 separate things share 3 labels", Single(Check(_folder.Path, 0.25).Tiles[0].Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void ASingleNucleusIsNoMask()
    {
        Drawn.Write(_folder.Path, Relabelled(Grid("a", 1), _ => 255));
        Assert.Empty(Check(_folder.Path, 0.25).Errors);
    }

    [Fact]
    public void ARegionAroundTheNucleiIsRefused()
    {
        WriteOutlines("a", Square(0, 0, 200), Square(30, 30, 20), Square(90, 90, 20));
        var error = Single(Check(_folder.Path, 0.25).Errors);
        Assert.Contains("covers 100 % of the tile", error, StringComparison.Ordinal);
        Assert.Contains("a region, not a nucleus", error, StringComparison.Ordinal);
    }

    [Fact]
    public void CoordinatesOfTheWholeSlideAreRefused()
    {
        WriteOutlines("a", Square(12030, 9030, 20), Square(12090, 9090, 20));
        Assert.Contains("2 of 2 outlines lie outside the picture of 200 x 200 pixels", Check(_folder.Path, 0.25).Tiles[0].Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public void PointsAloneAreRefused()
    {
        WriteOutlines("a", "{ \"type\": \"Point\", \"coordinates\": [3, 4] }");
        Assert.Contains("a.geojson: holds points alone", Check(_folder.Path, 0.25).Tiles[0].Errors[0], StringComparison.Ordinal);
    }

    [Fact]
    public void NoLabelAnywhereIsRefusedAndOneEmptyTileIsNot()
    {
        Drawn.Write(_folder.Path, Relabelled(Grid("a", 4), _ => 0));
        Assert.Contains("no tile has a labelled nucleus", Single(Check(_folder.Path, 0.25).Errors), StringComparison.Ordinal);

        Drawn.Write(_folder.Path, Grid("b", 4, shade: 100));
        var report = Check(_folder.Path, 0.25);
        Assert.Empty(report.Errors);
        Assert.Contains("a.png: no nucleus is labelled", Single(report.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.25, 0, 0)]
    [InlineData(0.5, 1, 0)]
    [InlineData(0.1, 1, 0)]
    [InlineData(2, 0, 1)]
    [InlineData(0.05, 0, 1)]
    public void ThePixelSizeShowsInTheNucleiItMakes(double mpp, int warnings, int errors)
    {
        Drawn.Write(_folder.Path, Grid("a", 4));
        var report = Check(_folder.Path, mpp);
        Assert.Equal((warnings, errors), (report.Warnings.Count(), report.Errors.Count()));
        Assert.All(report.Warnings.Concat(report.Errors), w => Assert.Contains("pixel size", w, StringComparison.Ordinal));
    }

    [Fact]
    public void MissingAndWrongLabelsAreNamedTileByTile()
    {
        Drawn.Write(_folder.Path, Grid("a", 3), Grid("b", 3, shade: 100), Grid("c", 3, shade: 110));
        File.Delete(Path.Combine(_folder.Path, "labels", "a.png"));
        LabelImageFile.WritePng(Path.Combine(_folder.Path, "labels", "b.png"), new LabelImage(20, 20));

        var errors = Check(_folder.Path, 0.25).Errors.ToList();

        Assert.Contains("a.png: its labels are missing", errors[0], StringComparison.Ordinal);
        Assert.Contains("b.png: has 20 x 20 pixels", errors[1], StringComparison.Ordinal);
        Assert.Equal(2, errors.Count);
        Assert.Contains(
            "its labels are missing",
            Assert.Throws<TrainingException>(() => Check(_folder.Path, 0.25).ThrowIfUnusable()).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void CopiesAreSeenWithinASetAndBetweenSets()
    {
        using var other = new TemporaryFolder();
        Drawn.Write(_folder.Path, Grid("a", 3), Grid("b", 3));
        Drawn.Write(other.Path, Grid("held", 3));
        var report = Check(_folder.Path, 0.25);
        Assert.Contains("show the same picture: a, b", Single(report.Warnings), StringComparison.Ordinal);
        Assert.Contains("held.png: is learned from too, as ", Single(TileCheckReport.Shared([report], [Check(other.Path, 0.25)])), StringComparison.Ordinal);
    }

    [Fact]
    public void TiffTilesAreReadAsSegmentReadsThem()
    {
        var grid = Grid("a", 4);
        Drawn.Write(_folder.Path, grid);
        File.Delete(Path.Combine(_folder.Path, "images", "a.png"));
        Tiff.Write(Path.Combine(_folder.Path, "images", "a.tif"), grid.Image);

        Assert.Empty(Check(_folder.Path, 0.25).Errors);
        var image = Assert.Single(DataSet.Load(new DataSetConfiguration { Name = "tiff", Folder = _folder.Path, Mpp = 0.25 }, "/").Images);
        Assert.Equal(grid.Image.Pixels, image.Image.Pixels);
    }

    [Fact]
    public void TheSheetShowsOutlinesOverTissueAndWordsAboveThem()
    {
        Drawn.Write(_folder.Path, Grid("a", 4), Relabelled(Grid("b", 4, shade: 100), _ => 0));

        var sheet = LabelSheet.Draw(Check(_folder.Path, 0.25));

        // Two tiles side by side: outlines over the first alone, ink in the captions of both.
        Assert.InRange(Count(8, 30, 360, 360, (0, 230, 0)), 500, 20000);
        Assert.Equal(0, Count(376, 30, 360, 360, (0, 230, 0)));
        Assert.InRange(Dark(8), 60, 2000);
        Assert.InRange(Dark(376), 60, 2000);

        int Count(int left, int top, int width, int height, (byte, byte, byte) colour) =>
            Pixels(left, top, width, height).Count(at => (sheet.Pixels[at], sheet.Pixels[at + 1], sheet.Pixels[at + 2]) == colour);

        int Dark(int left) => Pixels(left, 8, 360, 20).Count(at => sheet.Pixels[at] < 100);

        IEnumerable<int> Pixels(int left, int top, int width, int height) =>
            from y in Enumerable.Range(top, height) from x in Enumerable.Range(left, width) select ((y * sheet.Width) + x) * 3;
    }

    [Fact]
    public void NamesThatDontExistAndTwinsAreRefused()
    {
        Drawn.Write(_folder.Path, Grid("a", 3));
        Assert.Contains(
            "holds no picture named z",
            Assert.Throws<TrainingException>(() => TileFile.In(_folder.Path, ["a", "z"])).Message,
            StringComparison.Ordinal);
        RgbImageFile.WriteJpeg(Path.Combine(_folder.Path, "images", "a.jpg"), new RgbImage(9, 9));
        Assert.Contains(
            "two pictures named a (a.jpg, a.png)",
            Assert.Throws<TrainingException>(() => TileFile.In(_folder.Path)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "is no data set",
            Assert.Throws<TrainingException>(() => TileFile.In(Path.Combine(_folder.Path, "nothing"))).Message,
            StringComparison.Ordinal);
    }

    private static TileCheckReport Check(string folder, double mpp) => TileCheck.Run(folder, mpp, cancellation: TestContext.Current.CancellationToken);

    private static string Single(IEnumerable<string> words) => Assert.Single(words);

    /// <summary>n x n discs of radius 11 pixels on a tile of 200.</summary>
    private static LabelledImage Grid(string name, int n, byte shade = 90)
    {
        const int side = 200;
        var image = new RgbImage(side, side);
        image.Span.Fill(220);
        var labels = new LabelImage(side, side);
        for (var at = 0; at < side * side; at++)
        {
            var (y, x) = Math.DivRem(at, side);
            var (column, row) = (x * n / side, y * n / side);
            var (dx, dy) = (x - ((column + 0.5) * side / n), y - ((row + 0.5) * side / n));
            if ((dx * dx) + (dy * dy) < 121)
            {
                labels.Labels[at] = (row * n) + column + 1;
                image.Pixels.AsSpan(at * 3, 3).Fill(shade);
            }
        }

        return new LabelledImage(name, image, labels, new Mpp(0.25));
    }

    private static LabelledImage Relabelled(LabelledImage image, Func<int, int> map) =>
        new(
            image.Name,
            image.Image,
            new LabelImage(image.Labels.Width, image.Labels.Height, Array.ConvertAll(image.Labels.Labels, l => l == 0 ? 0 : map(l))),
            image.Mpp);

    private static string Square(int x, int y, int side) =>
        $"{{ \"type\": \"Polygon\", \"coordinates\": [[[{x}, {y}], [{x + side}, {y}], [{x + side}, {y + side}], [{x}, {y + side}], [{x}, {y}]]] }}";

    private void WriteOutlines(string name, params string[] geometries)
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "labels"));
        RgbImageFile.WritePng(Path.Combine(Directory.CreateDirectory(Path.Combine(_folder.Path, "images")).FullName, name + ".png"), new RgbImage(200, 200));
        var features = geometries.Select(g => $"{{ \"type\": \"Feature\", \"properties\": {{ \"objectType\": \"annotation\" }}, \"geometry\": {g} }}");
        File.WriteAllText(
            Path.Combine(_folder.Path, "labels", name + ".geojson"),
            $"{{ \"type\": \"FeatureCollection\", \"features\": [{string.Join(", ", features)}] }}");
    }
}
