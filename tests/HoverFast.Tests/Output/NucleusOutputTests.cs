using System.Numerics;
using HoverFast.Labels;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Slides;
using Parquet;
using Xunit;

namespace HoverFast.Tests.Output;

/// <summary>The outputs of one pass, and that they agree with each other.</summary>
public sealed class NucleusOutputTests : IDisposable
{
    private static readonly Mpp _mpp = new(0.25);
    private static readonly MeasurementName[] _names = [new("Nucleus: Area \u00B5m^2", "area_um2", 2), new("Nucleus: Circularity", "circularity", 3)];
    private static readonly NucleusClass[] _classes = [new("Neoplastic", 255, 0, 0), new("Dead, \"very\"", 0, 0, 255)];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void CsvHasOneLineANucleus()
    {
        var path = _folder.File("a.csv");
        using (var writer = new NucleusWriter([new CsvOutput(path, _mpp, _names, _classes)], "run"u8))
        {
            writer.Add(Square(10, 20, 5, type: 2), [12.345f, float.NaN]);
            writer.Add(Square(30, 20, 5), [1, 0.5f]);
            writer.Complete();
        }

        var lines = File.ReadAllLines(path);
        Assert.Equal("id,x_px,y_px,x_um,y_um,class,area_um2,circularity", lines[0]);
        Assert.EndsWith(",12.5,22.5,3.13,5.63,\"Dead, \"\"very\"\"\",12.35,", lines[1], StringComparison.Ordinal);
        Assert.EndsWith(",32.5,22.5,8.13,5.63,,1,0.5", lines[2], StringComparison.Ordinal);
        Assert.Equal(3, lines.Length);
    }

    [Fact]
    public async Task ParquetHoldsTheSameRowsAsCsv()
    {
        const int Count = 70_000; // several row groups
        var nucleus = Square(10, 20, 5, type: 1);
        string[] paths = [_folder.File("a.parquet"), _folder.File("b.parquet")];
        foreach (var path in paths)
        {
            using var writer = new NucleusWriter([new ParquetOutput(path, _mpp, _names, _classes)], "run"u8);
            for (var i = 0; i < Count; i++)
            {
                writer.Add(nucleus, [i, 0.5f]);
            }

            writer.Complete();
        }

        Assert.Equal(File.ReadAllBytes(paths[0]), File.ReadAllBytes(paths[1]));
        await using var reader = await ParquetReader.CreateAsync(paths[0], null, TestContext.Current.CancellationToken);
        Assert.Equal("0.25", reader.CustomMetadata["mpp"]);
        Assert.Equal(
            ["id", "x_px", "y_px", "x_um", "y_um", "class", "area_um2", "circularity", "geometry", "xmin", "ymin", "xmax", "ymax"],
            reader.Schema.DataFields.Select(f => f.Name));
        Assert.True(reader.RowGroupCount > 1);
        var rows = 0;
        for (var g = 0; g < reader.RowGroupCount; g++)
        {
            using var group = reader.OpenRowGroupReader(g);
            var areas = new float[group.RowCount];
            var ids = new string[group.RowCount];
            var xs = new double[group.RowCount];
            await group.ReadAsync<float>(reader.Schema.DataFields[6], areas, null, TestContext.Current.CancellationToken);
            await group.ReadAsync<double>(reader.Schema.DataFields[3], xs, null, TestContext.Current.CancellationToken);
            await group.ReadAsync(reader.Schema.DataFields[0], ids, null, TestContext.Current.CancellationToken);
            Assert.Equal(rows, areas[0]);
            Assert.Equal(rows + group.RowCount - 1, areas[^1]);
            Assert.Equal(3.13, xs[5]);
            Assert.True(Guid.TryParse(ids[^1], out _));
            rows += (int)group.RowCount;
        }

        Assert.Equal(Count, rows);
    }

    [Fact]
    public void LabelsAreThePixelsOfTheWrittenOutlines()
    {
        var png = _folder.File("a.png");
        var tif = _folder.File("a.tif");
        var json = _folder.File("a.geojson.gz");
        var size = new PixelSize(700, 500);
        using (
            var writer = new NucleusWriter([new LabelImageOutput(png, size, _mpp), new LabelTiffOutput(tif, size, _mpp), new GeoJsonOutput(json, [])], "run"u8))
        {
            var random = new Random(8);
            for (var i = 0; i < 300; i++)
            {
                writer.Add(Star(random, random.Next(-10, 710), random.Next(-10, 510)), []);
            }

            writer.Complete();
        }

        var labels = LabelImageFile.Read(png).Labels;
        Assert.Equal(labels, LabelImageFile.Read(tif).Labels);
        Assert.Equal(labels, OutlineFile.Draw(json, size).Labels);
        Assert.InRange(labels.Distinct().Count(), 200, 301);
    }

    [Fact]
    public void LargeLabelTiffsKeepMemoryAndLoseNothing()
    {
        // Far more tiles than are held at once, visited twice in different order, so that they go out and come back.
        var path = _folder.File("a.tif");
        var size = new PixelSize(8000, 6000);
        using (var writer = new NucleusWriter([new LabelTiffOutput(path, size, _mpp)], "run"u8))
        {
            for (var i = 0; i < 1200; i++)
            {
                writer.Add(Square(55 + (i % 40 * 200), 55 + (i / 40 * 200), 2), []);
            }

            for (var i = 0; i < 1200; i++)
            {
                writer.Add(Square(57 + (i / 30 * 200), 55 + (i % 30 * 200), 2), []);
            }

            writer.Complete();
        }

        var labels = LabelImageFile.Read(path);
        Assert.Equal(size, labels.Size);
        Assert.Equal(2400 * 4, labels.Labels.Count(l => l != 0));
        Assert.Equal(1200, labels.Labels[((55 + (29 * 200)) * 8000) + 55 + (39 * 200)]);
        Assert.Equal(2400, labels.Labels[((56 + (29 * 200)) * 8000) + 58 + (39 * 200)]);
        Assert.InRange(new FileInfo(path).Length, 1, 5_000_000);
    }

    [Fact]
    public void OverlayDrawsTheOutlineAndLeavesTheRest()
    {
        var path = _folder.File("a.png");
        var picture = new RgbImage(40, 40);
        picture.Span.Fill(200);
        using (var writer = new NucleusWriter([new OverlayOutput(path, picture)], "run"u8))
        {
            writer.Add(Square(10.5f, 10.5f, 20), []);
            writer.Complete();
        }

        var drawn = RgbImageFile.Read(path);
        Assert.Equal([0, 255, 0], drawn.Row(10).Slice(3 * 20, 3).ToArray());
        Assert.Equal([200, 200, 200], drawn.Row(20).Slice(3 * 20, 3).ToArray());
        Assert.Equal([200, 200, 200], drawn.Row(5).Slice(3 * 20, 3).ToArray());
        Assert.All(picture.Span.ToArray(), v => Assert.Equal(200, v));
    }

    [Fact]
    public void OverlayTellsTheMatchProbabilityAndItsScaleBelow()
    {
        var path = _folder.File("a.png");
        var picture = new RgbImage(300, 40);
        picture.Span.Fill(200);
        using (var writer = new NucleusWriter([new OverlayOutput(path, picture, colour: (1, 2, 3), byMatchProbability: true)], "run"u8))
        {
            foreach (var (x, probability) in ((float, float)[])[(10.5f, 0), (50.5f, 0.5f), (90.5f, 1), (130.5f, float.NaN)])
            {
                var nucleus = Square(x, 10.5f, 20);
                nucleus.MatchProbability = probability;
                writer.Add(nucleus, []);
            }

            writer.Complete();
        }

        var drawn = RgbImageFile.Read(path);
        Assert.Equal([255, 0, 0], drawn.Row(10).Slice(3 * 20, 3).ToArray());
        Assert.Equal([255, 235, 0], drawn.Row(10).Slice(3 * 60, 3).ToArray());
        Assert.Equal([0, 255, 255], drawn.Row(10).Slice(3 * 100, 3).ToArray());
        Assert.Equal([200, 200, 200], drawn.Row(10).Slice(3 * 140, 3).ToArray());

        // The picture keeps its place, the scale stands below: 240 pixels from 8 on, and words.
        Assert.Equal((300, true), (drawn.Width, drawn.Height > 80));
        Assert.Equal([200, 200, 200], drawn.Row(39).Slice(3 * 290, 3).ToArray());
        Assert.Equal([255, 255, 255], drawn.Row(40).Slice(3 * 290, 3).ToArray());
        Assert.Equal([255, 0, 0], drawn.Row(50).Slice(3 * 8, 3).ToArray());
        Assert.Equal([0, 255, 255], drawn.Row(50).Slice(3 * 247, 3).ToArray());
        Assert.Contains(drawn.Row(67).ToArray(), v => v < 90);
        Assert.Contains(drawn.Row(83).ToArray(), v => v < 90);
    }

    [Fact]
    public void OverviewIsBrightWhereNucleiAreDense()
    {
        var path = _folder.File("a.png");
        var thumbnail = new RgbImage(100, 50);
        thumbnail.Span.Fill(255);

        // 16 full-resolution pixels of 0.25 um in one of the thumbnail: 400 x 200 um.
        using (var writer = new NucleusWriter([new DensityOverviewOutput(path, thumbnail, 16, _mpp)], "run"u8))
        {
            for (var i = 0; i < 400; i++)
            {
                writer.Add(Square(10 + (i % 20 * 20), 200 + (i / 20 * 20), 5), []);
            }

            writer.Complete();
        }

        var drawn = RgbImageFile.Read(path);
        var dense = drawn.Row(25).Slice(3 * 12, 3).ToArray();
        var empty = drawn.Row(25).Slice(3 * 90, 3).ToArray();
        Assert.Equal([255, 255, 255], empty);
        Assert.True(dense[0] > 220 && dense[2] < 180, string.Join(' ', dense));
    }

    [Fact]
    public void OverviewIsAsBrightAtTheEdgeThatCutsItsSquares()
    {
        var path = _folder.File("a.png");
        var thumbnail = new RgbImage(93, 50);
        thumbnail.Span.Fill(255);

        // 372 x 200 um: seven squares of 50 um in a row and less than half of one. Nuclei lie everywhere alike.
        using (var writer = new NucleusWriter([new DensityOverviewOutput(path, thumbnail, 16, _mpp)], "run"u8))
        {
            for (var i = 0; i < 30 * 16; i++)
            {
                writer.Add(Square(25 + (i % 30 * 50), 25 + (i / 30 * 50), 5), []);
            }

            writer.Complete();
        }

        var row = RgbImageFile.Read(path).Row(25);
        var (inside, edge) = (row.Slice(3 * 50, 3).ToArray(), row.Slice(3 * 92, 3).ToArray());
        Assert.All(inside.Zip(edge), pair => Assert.InRange(pair.Second, pair.First - 15, pair.First + 15));
    }

    [Fact]
    public void AnInterruptedRunLeavesNothing()
    {
        using (var writer = new NucleusWriter(
            [
                new CsvOutput(_folder.File("a.csv"), _mpp, []),
                new CsvOutput(_folder.File("a.csv.gz"), _mpp, []),
                new ParquetOutput(_folder.File("a.parquet"), _mpp, []),
                new LabelTiffOutput(_folder.File("a.tif"), new PixelSize(300, 300), null),
                new LabelImageOutput(_folder.File("a.png"), new PixelSize(300, 300), null),
            ],
            "run"u8))
        {
            writer.Add(Square(10, 10, 10), []);
            Assert.Equal(4, Directory.GetFiles(_folder.Path, "*.partial").Length);
        }

        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void NoNucleiGiveWholeFiles()
    {
        string[] paths = [.. new[] { "a.csv", "a.parquet", "a.tif", "a.png" }.Select(_folder.File)];
        using (var writer = new NucleusWriter(
            [
                new CsvOutput(paths[0], _mpp, _names),
                new ParquetOutput(paths[1], _mpp, _names),
                new LabelTiffOutput(paths[2], new PixelSize(300, 300), _mpp),
                new LabelImageOutput(paths[3], new PixelSize(300, 300), _mpp),
            ],
            "run"u8))
        {
            writer.Complete();
        }

        Assert.Single(File.ReadAllLines(paths[0]));
        Assert.All(LabelImageFile.Read(paths[2]).Labels, l => Assert.Equal(0, l));
        Assert.All(LabelImageFile.Read(paths[3]).Labels, l => Assert.Equal(0, l));
        Assert.Equal(paths.Order(), Directory.GetFiles(_folder.Path).Order());
    }

    private static Nucleus Star(Random random, float x, float y)
    {
        Vector2[] contour = [.. RandomOutlines.Star(random, 24, 300 + random.Next(1500)).Select(p => new Vector2(x + (p.X / 100f), y + (p.Y / 100f)))];
        return new Nucleus(contour) { Centroid = new(x, y), Area = 1, MeanProbability = 1, BoundaryConfidence = 1 };
    }

    private static Nucleus Square(float x, float y, float side, int type = 0) => new([new(x, y), new(x + side, y), new(x + side, y + side), new(x, y + side)])
    {
        Centroid = new(x + (side / 2), y + (side / 2)),
        Area = side * side,
        MeanProbability = 0.9f,
        BoundaryConfidence = 0.5f,
        Type = type,
    };
}
