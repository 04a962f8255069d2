using System.IO.Compression;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using HoverFast.Cli;
using HoverFast.Evaluation;
using HoverFast.Jobs;
using HoverFast.Jobs.Finished;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tests.Cli;
using HoverFast.Tests.Guards;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Jobs;

public sealed class NucleusExplanationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task MeasurementsHaveTheirPlaceInTheSlide()
    {
        var features = await SegmentAsync();
        var areas = features.Select(f => (double)f!["properties"]!["measurements"]!["Nucleus: Area \u00B5m^2"]!).Order().ToList();
        foreach (var (rank, from) in ((int, string)[])[(0, "out/a.manifest.json"), (areas.Count / 2, "out/a.geojson.gz"), (areas.Count - 1, "out/a.parquet")])
        {
            var nucleus = features.First(f => (double)f!["properties"]!["measurements"]!["Nucleus: Area \u00B5m^2"]! == areas[rank])!;
            var explained = NucleusExplanation.Of(_folder.File(from), Id(nucleus), cancellation: TestContext.Current.CancellationToken);
            Assert.Equal((Id(nucleus), "a", "a.png", (long)features.Count), (explained.Id, explained.Result, explained.Slide, explained.Nuclei));
            Assert.Equal((string)nucleus["properties"]!["classification"]!["name"]!, explained.Type);
            var area = explained.Measurements.Single(m => m.Name == "Nucleus: Area \u00B5m^2");
            Assert.Equal(areas[rank], area.Value);
            Assert.Equal(100.0 * (areas.Count(a => a < areas[rank]) + (areas.Count(a => a == areas[rank]) / 2.0)) / areas.Count, area.Percentile, 6);
            Assert.Equal(nucleus["properties"]!["measurements"]!.AsObject().Count, explained.Measurements.Count);
        }
    }

    [Fact]
    public async Task TheViewsShowTheNucleusThatIsMeant()
    {
        var features = await SegmentAsync();
        var regions = new List<int>();
        foreach (var feature in features.Where((_, i) => i % 4 == 0))
        {
            var explained = NucleusExplanation.Of(_folder.File("out/a.manifest.json"), Id(feature!), cancellation: TestContext.Current.CancellationToken);
            explained.WritePng(_folder.File("a.explained.png"));
            var sheet = RgbImageFile.Read(_folder.File("a.explained.png"));
            regions.Add(explained.Regions);

            // Four views in a row of 300 pixels and gaps of 12; the last cell has the measurements.
            Assert.Equal((1260, true), (sheet.Width, sheet.Height > 2 * 300));
            var outlined = Enumerable.Range(0, 7).Select(view => Count(sheet, view, (80, 255, 80))).ToList();
            Assert.Equal(0, outlined[0]);
            Assert.All(outlined.Skip(1), count => Assert.InRange(count, 40, 4000));

            OwnRegionIsShown(sheet, feature!);
        }

        Assert.All(regions, count => Assert.InRange(count, 1, 9));
    }

    /// <summary>Nuclei of a tall picture are found in bands of its tile; each is explained on its own.</summary>
    [Fact]
    public async Task TheViewsShowNucleiOfEveryBand()
    {
        var tile = RgbImageFile.Read(LabelledTiles.Image("tnbc", "09_4"));
        var tall = new RgbImage(tile.Width, 4 * tile.Height);
        for (var i = 0; i < 4; i++)
        {
            tile.CopyTo(tall, 0, i * tile.Height);
        }

        var features = await SegmentAsync(tall);
        foreach (var feature in features.Where((_, i) => i % (features.Count / 8) == 0))
        {
            var explained = NucleusExplanation.Of(_folder.File("out/a.manifest.json"), Id(feature!), cancellation: TestContext.Current.CancellationToken);
            explained.WritePng(_folder.File("a.explained.png"));
            OwnRegionIsShown(RgbImageFile.Read(_folder.File("a.explained.png")), feature!);
        }
    }

    [Fact]
    public async Task MeasurementsHaveTheirPlaceInTheTrainingData()
    {
        var features = await SegmentAsync();
        var explained = features
            .Select(f => NucleusExplanation.Of(_folder.File("out/a.manifest.json"), Id(f!), cancellation: TestContext.Current.CancellationToken))
            .ToList();
        Assert.All(explained, e => Assert.All(e.Measurements, m => Assert.InRange(m.TrainingPercentile!.Value, 0, 100)));
        Assert.Matches("^Training data: [0-9]{5} nuclei that hoverfast-he finds in 556 pictures", explained[0].Training);

        // Larger nuclei lie higher.
        var areas = explained.Select(e => e.Measurements.Single(m => m.Name == "Nucleus: Area \u00B5m^2")).OrderBy(m => m.Value).ToList();
        Assert.Equal(areas.Select(m => m.TrainingPercentile).Order(), areas.Select(m => m.TrainingPercentile));
        Assert.InRange(areas[^1].TrainingPercentile!.Value - areas[0].TrainingPercentile!.Value, 50, 100);
        explained[0].WriteHtml(_folder.File("a.html"));
        Assert.Contains("in the training data</th>", File.ReadAllText(_folder.File("a.html")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OfAnotherModelNoPlaceInTheTrainingDataIsTold()
    {
        using var model = NucleusModel.Load(DarknessModel.Write(_folder.Path));
        DarkDiscs.Write(_folder.File("d.png"), 400);
        using var segmenter = new SlideSegmenter(model, calibrator: new SlideCalibrator { Stated = new Mpp(0.25) });
        await segmenter.SegmentAsync(_folder.File("d.png"), _folder.File("out"), cancellation: TestContext.Current.CancellationToken);
        using var packed = new GZipStream(File.OpenRead(_folder.File("out/d.geojson.gz")), CompressionMode.Decompress);
        var id = Id(JsonNode.Parse(packed)!["features"]![0]!);
        var explained = NucleusExplanation.Of(_folder.File("out/d.manifest.json"), id, model: model.Path, cancellation: TestContext.Current.CancellationToken);
        Assert.All(explained.Measurements, m => Assert.Null(m.TrainingPercentile));
        Assert.Equal(
            $"Where measurements lie in the training data is known of hoverfast-he and hoverfast-he-fast on H&E, not of {model.Card.Name}.",
            explained.Training);
    }

    [Fact]
    public async Task ATeacherSaysWhatItSees()
    {
        var features = await SegmentAsync();
        var manifest = _folder.File("out/a.manifest.json");
        var own = NucleusExplanation.Of(manifest, Id(features[3]!), teacher: "hoverfast-he", cancellation: TestContext.Current.CancellationToken);
        Assert.InRange(own.TeacherIou!.Value, 0.97, 1);
        Assert.StartsWith("hoverfast-he ", own.Teacher, StringComparison.Ordinal);
        Assert.Contains(" sees the same nucleus: IoU ", own.Teacher, StringComparison.Ordinal);

        // The fast student's own result says which nuclei it has too.
        using var fast = NucleusModel.LoadBuiltIn("hoverfast-he-fast");
        using var segmenter = new SlideSegmenter(fast, calibrator: new SlideCalibrator { Stated = new Mpp(0.25) });
        var options = new ResultOptions { Kinds = [ResultKind.GeoJson] };
        await segmenter.SegmentAsync(_folder.File("a.png"), _folder.File("fast"), options, cancellation: TestContext.Current.CancellationToken);
        var theirs = OutlineFile.Read(_folder.File("fast/a.geojson.gz"));
        var (same, other) = (0, 0);
        foreach (var feature in features)
        {
            var ring = feature!["geometry"]!["coordinates"]![0]!.AsArray().Select(p => new System.Numerics.Vector2((float)p![0]!, (float)p[1]!)).SkipLast(1).ToArray();
            var agreement = OutlineAgreement.Of([ring], theirs, 0.5);
            var best = agreement.Matched == 1 ? 1 : agreement.Rest.First(r => !r.InSecond).BestIou;
            var explained = NucleusExplanation.Of(manifest, Id(feature!), teacher: "hoverfast-he-fast", cancellation: TestContext.Current.CancellationToken);
            if (best == 1)
            {
                same++;
                Assert.InRange(explained.TeacherIou!.Value, 0.49, 1);
            }
            else
            {
                other++;
                Assert.InRange(explained.TeacherIou!.Value, best - 0.05, best + 0.05);
                Assert.DoesNotContain("the same nucleus", explained.Teacher, StringComparison.Ordinal);
                explained.WritePng(_folder.File("other.png"));
            }
        }

        Assert.True(same > 3 * other && other > 1, $"{same} and {other}");

        // The teacher's view is the eighth: the slide's nucleus in green, the teacher's in orange where it has one.
        Assert.InRange(Count(RgbImageFile.Read(_folder.File("other.png")), 7, (80, 255, 80)), 40, 4000);
        own.WritePng(_folder.File("own.png"));
        own.WriteHtml(_folder.File("own.html"));
        Assert.Contains("sees the same nucleus", File.ReadAllText(_folder.File("own.html")), StringComparison.Ordinal);
        var id = Id(features[3]!).ToString();
        string[] command = ["explain", manifest, id, "-o", _folder.File("c.html"), "--teacher"];
        Assert.Equal(ExitCode.CannotStart, await HoverFastCommand.RunAsync([.. command, _folder.File("none.onnx")]));
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync([.. command, "hoverfast-he-fast"]));
    }

    /// <summary>Where nothing is above the threshold a teacher sees nothing; where something is, it is told why no nucleus was drawn.</summary>
    [Fact]
    public async Task ATeacherThatDrawsNothingSaysWhy()
    {
        var features = await SegmentAsync();
        var nuclei = features.Select(f => new WrittenNucleus(Id(f!), Ring(f!), null, new Dictionary<string, double>())).ToList();
        var strict = Ask(new FinderSettings { MinMeanProbability = 0.999 }, nuclei[3]);
        Assert.Matches(@"^hoverfast-he \S+ draws no nucleus here, though its probability reaches (1\.00|0\.[5-9][0-9]) \(threshold 0\.5\): ", strict.Words);
        Assert.Contains("smaller than 4 um2, has a mean below 0.999 or a match probability below 0.25.", strict.Words, StringComparison.Ordinal);
        Assert.Equal((0.0, 0), (strict.Iou, strict.Outlines.Count));

        // A square of 10 pixels with no nucleus of the slide's near.
        var empty = Enumerable.Range(0, 400)
            .Select(i => (X: 100 * (10 + (25 * (i % 20))), Y: 100 * (10 + (25 * (i / 20)))))
            .First(c => nuclei.TrueForAll(n =>
                n.Box.Least.X > c.X + 1500 || n.Box.Most.X < c.X - 500 || n.Box.Least.Y > c.Y + 1500 || n.Box.Most.Y < c.Y - 500));
        OutlinePoint[] square = [new(empty.X, empty.Y), new(empty.X + 1000, empty.Y), new(empty.X + 1000, empty.Y + 1000), new(empty.X, empty.Y + 1000)];
        var none = Ask(new FinderSettings(), nuclei[0] with { Outline = square, Id = Guid.NewGuid() });
        Assert.Matches(@"^hoverfast-he \S+ sees no nucleus here \(threshold 0\.5\)\. Its probability inside this outline is 0\.[0-4][0-9] on average\.$", none.Words);

        TeacherAnswer Ask(FinderSettings finder, WrittenNucleus nucleus)
        {
            using var model = NucleusModel.LoadBuiltIn();
            using var session = SlideSession.Open(
                _folder.File("a.png"),
                model,
                new SegmentSettings { Finder = finder },
                new SlideCalibrator { Stated = new Mpp(0.25) });
            return TeacherAnswer.Of(session, nucleus, TestContext.Current.CancellationToken);
        }

        static OutlinePoint[] Ring(JsonNode feature) =>
            [.. feature["geometry"]!["coordinates"]![0]!.AsArray().SkipLast(1).Select(p => OutlinePoint.Round((double)p![0]!, (double)p[1]!))];
    }

    [Fact]
    public async Task ASplitNucleusIsToldAndThePageNeedsNothingElse()
    {
        var features = await SegmentAsync();
        var manifest = _folder.File("out/a.manifest.json");

        // Each component that was split has several nuclei, or some that were too faint to be written.
        var split = features
            .Select(f => NucleusExplanation.Of(manifest, Id(f!), cancellation: TestContext.Current.CancellationToken))
            .Where(e => e.Regions > 1)
            .ToList();
        Assert.InRange(split.Count, 2, features.Count / 2);
        split[0].WriteHtml(_folder.File("a.html"));
        var page = File.ReadAllText(_folder.File("a.html"));
        Assert.Contains($"were divided into {split[0].Regions} regions", page, StringComparison.Ordinal);
        Assert.Equal(7, Regex.Count(page, "src=\"data:image/png;base64,"));
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("http", page, StringComparison.Ordinal);
        Assert.Contains("<td>Match probability</td>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatCannotBeExplainedIsSaidPlainly()
    {
        var features = await SegmentAsync();
        var id = Id(features[0]!).ToString();
        var manifest = _folder.File("out/a.manifest.json");
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["explain", manifest, id, "-o", _folder.File("a.png.html")]));
        Assert.True(File.Exists(_folder.File("a.png.html")));

        Assert.Contains("holds no nucleus " + Guid.Empty, Problem(manifest, Guid.Empty), StringComparison.Ordinal);
        Assert.Equal(ExitCode.CannotStart, await HoverFastCommand.RunAsync(["explain", manifest, Guid.Empty.ToString(), "-o", _folder.File("b.html")]));
        Assert.Equal(ExitCode.Usage, await HoverFastCommand.RunAsync(["explain", manifest, "the third", "-o", _folder.File("b.html")]));
        Assert.Equal(ExitCode.Usage, await HoverFastCommand.RunAsync(["explain", manifest, id, "-o", _folder.File("b.pdf")]));
        Assert.Contains("is no result", Problem(_folder.File("out/b.manifest.json"), Id(features[0]!)), StringComparison.Ordinal);

        File.Move(_folder.File("a.png"), _folder.File("moved.png"));
        Assert.Contains("the slide isn't there", Problem(manifest, Id(features[0]!)), StringComparison.Ordinal);
        Assert.Equal(ExitCode.CannotStart, await HoverFastCommand.RunAsync(["explain", manifest, id, "-o", _folder.File("b.html")]));
        Assert.Equal(ExitCode.Success, await HoverFastCommand.RunAsync(["explain", manifest, id, "--slide", _folder.File("moved.png"), "-o", _folder.File("c.png")]));

        File.Copy(LabelledTiles.Image("tnbc", "09_1"), _folder.File("a.png"));
        Assert.Contains("its content has changed", Problem(manifest, Id(features[0]!)), StringComparison.Ordinal);
        Assert.False(File.Exists(_folder.File("b.html")));
    }

    /// <summary>What is inside of the outline is the nucleus's own region, and white in the map of probability.</summary>
    private static void OwnRegionIsShown(RgbImage sheet, JsonNode feature)
    {
        var own = Count(sheet, 6, (255, 221, 60));
        var ring = feature["geometry"]!["coordinates"]![0]!.AsArray()
            .Select(p => new System.Numerics.Vector2((float)p![0]!, (float)p[1]!))
            .SkipLast(1)
            .ToArray();
        var side = Math.Max(28, 12 + (0.25 * Math.Max(ring.Max(p => p.X) - ring.Min(p => p.X), ring.Max(p => p.Y) - ring.Min(p => p.Y))));
        var expected = OutlineClip.AreaOf(ring).Area * 0.0625 * 300 * 300 / (side * side);
        Assert.InRange(own, 0.45 * expected, 1.25 * expected);
    }

    private static Guid Id(JsonNode feature) => Guid.Parse((string)feature["id"]!);

    private static string Problem(string result, Guid id) =>
        Assert.Throws<SlideException>(() => NucleusExplanation.Of(result, id, cancellation: TestContext.Current.CancellationToken)).Message;

    private static int Count(RgbImage sheet, int view, (byte, byte, byte) colour)
    {
        var (left, top) = (12 + (view % 4 * 312), 52 + (view / 4 * 332));
        var count = 0;
        for (var y = top; y < top + 300; y++)
        {
            for (var x = left; x < left + 300; x++)
            {
                var pixel = sheet.Row(y).Slice(3 * x, 3);
                count += (pixel[0], pixel[1], pixel[2]) == colour ? 1 : 0;
            }
        }

        return count;
    }

    private async Task<JsonArray> SegmentAsync(RgbImage? picture = null)
    {
        if (picture is null)
        {
            File.Copy(LabelledTiles.Image("tnbc", "09_4"), _folder.File("a.png"));
        }
        else
        {
            RgbImageFile.WritePng(_folder.File("a.png"), picture);
        }

        using var segmenter = new SlideSegmenter(
            settings: new SegmentSettings { Measurements = MeasurementChoice.All },
            calibrator: new SlideCalibrator { Stated = new Mpp(0.25) });
        var options = new ResultOptions { Kinds = [ResultKind.GeoJson, ResultKind.Parquet] };
        await segmenter.SegmentAsync(_folder.File("a.png"), _folder.File("out"), options, cancellation: TestContext.Current.CancellationToken);
        using var packed = new GZipStream(File.OpenRead(_folder.File("out/a.geojson.gz")), CompressionMode.Decompress);
        return JsonNode.Parse(packed)!["features"]!.AsArray();
    }
}
