using System.IO.Compression;
using System.Text.Json.Nodes;
using HoverFast.Evaluation;
using HoverFast.Jobs;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Stains;
using HoverFast.Tests.Pipeline;
using Xunit;

namespace HoverFast.Tests.Jobs;

/// <summary>Nucleus types from a network to every output, on a picture with blue discs on the left and red ones on the right.</summary>
public sealed class TypedResultTests : IDisposable
{
    private const int Side = 480;
    private const int Step = 80;
    private readonly TemporaryFolder _folder = new();
    private readonly NucleusModel _model;
    private readonly string _picture;

    public TypedResultTests()
    {
        _model = NucleusModel.Load(DarknessModel.Write(_folder.Path, typed: true));
        Directory.CreateDirectory(_folder.File("images"));
        _picture = _folder.File("images/a.png");
        Draw(_picture);
    }

    public void Dispose()
    {
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task AllOutputsAndTheManifestNameTheTypes()
    {
        using var segmenter = Segmenter(Stain.HaematoxylinEosin);
        ResultKind[] kinds = [ResultKind.GeoJson, ResultKind.Csv, ResultKind.Overview, ResultKind.Overlay, ResultKind.Dsa, ResultKind.DicomAnnotations];
        var outcome = await segmenter.SegmentAsync(
            _picture,
            _folder.File("out"),
            new ResultOptions { Kinds = kinds },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Equal(new Dictionary<string, long> { ["Blue"] = 12, ["Red"] = 24 }, outcome.Manifest!.Counts.Types);
        Assert.Equal(36, outcome.Manifest.Counts.Nuclei);
        Assert.Equal(outcome.Manifest.Counts.Types, Manifest.TryRead(_folder.File("out/a.manifest.json"))!.Counts.Types);

        using var stream = new GZipStream(File.OpenRead(_folder.File("out/a.geojson.gz")), CompressionMode.Decompress);
        var features = JsonNode.Parse(stream)!["features"]!.AsArray();
        foreach (var feature in features)
        {
            var blue = (double)feature!["geometry"]!["coordinates"]![0]![0]![0]! < Side / 3.0;
            var type = feature["properties"]!["classification"]!;
            Assert.Equal(blue ? "Blue" : "Red", (string)type["name"]!);
            Assert.Equal(blue ? [0, 0, 255] : [255, 0, 0], type["color"]!.AsArray().Select(c => (int)c!));
            Assert.InRange((double)feature["properties"]!["measurements"]!["Type probability"]!, 0.9, 1);
        }

        var lines = File.ReadAllLines(_folder.File("out/a.csv"));
        Assert.Equal("id,x_px,y_px,x_um,y_um,class,area_um2,circularity,probability,match_probability,type_probability", lines[0]);
        Assert.Equal(12, lines.Count(l => l.Contains(",Blue,", StringComparison.Ordinal)));

        // The overview's lower edge: a third blue, the rest red.
        var overview = RgbImageFile.Read(_folder.File("out/a.overview.png"));
        var row = overview.Row(overview.Height - 1);
        for (var x = 0; x < overview.Width; x++)
        {
            Assert.Equal(x < overview.Width / 3 ? (0, 0, 255) : (255, 0, 0), (row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]));
        }

        var streamed = new List<DetectedNucleus>();
        await foreach (var nucleus in segmenter.FindNucleiAsync(_picture, TestContext.Current.CancellationToken))
        {
            streamed.Add(nucleus);
        }

        Assert.Equal(12, streamed.Count(n => n.Type == "Blue" && n.TypeProbability > 0.9));
    }

    /// <summary>The network learned types in H&amp;E; the haematoxylin of another stain says nothing of them.</summary>
    [Fact]
    public async Task ImmunohistochemistryHasNoTypes()
    {
        using var segmenter = Segmenter(Stain.HaematoxylinDab);
        var outcome = await segmenter.SegmentAsync(
            _picture,
            _folder.File("out"),
            new ResultOptions { Kinds = [ResultKind.GeoJson, ResultKind.Csv] },
            cancellation: TestContext.Current.CancellationToken);
        Assert.Null(outcome.Manifest!.Counts.Types);
        Assert.True(outcome.Manifest.Counts.Nuclei > 0);
        using var reader = new StreamReader(new GZipStream(File.OpenRead(_folder.File("out/a.geojson.gz")), CompressionMode.Decompress));
        var text = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain("classification", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Type probability", text, StringComparison.Ordinal);
        Assert.DoesNotContain("class", File.ReadLines(_folder.File("out/a.csv")).First(), StringComparison.Ordinal);
        await foreach (var nucleus in segmenter.FindNucleiAsync(_picture, TestContext.Current.CancellationToken))
        {
            Assert.Null(nucleus.Type);
            Assert.Null(nucleus.TypeProbability);
        }
    }

    [Fact]
    public async Task EvaluatingScoresTypesOfLabelsOutlinesAndPoints()
    {
        using var segmenter = Segmenter(Stain.HaematoxylinEosin);
        var labels = await segmenter.LabelAsync(_picture, TestContext.Current.CancellationToken);
        Directory.CreateDirectory(_folder.File("labels"));
        LabelImageFile.WritePng(_folder.File("labels/a.png"), labels);
        Assert.Null((await Evaluate(segmenter, "labels")).Types);

        // The discs' true types; two are named wrongly, one has none.
        var column = labels.Labels.Index().Where(l => l.Item != 0).GroupBy(l => l.Item).ToDictionary(g => g.Key, g => g.Average(l => l.Index % Side));
        var wrong = column.Where(c => c.Value < Side / 3).Select(c => c.Key).Take(2).ToList();
        var unknown = column.First(c => c.Value > Side / 3).Key;
        Directory.CreateDirectory(_folder.File("types"));
        File.WriteAllText(
            _folder.File("types/a.csv"),
            "label,type\n"
                + string.Concat(
                    column.Where(c => c.Key != unknown).Select(c => $"{c.Key},{(wrong.Contains(c.Key) || c.Value > Side / 3 ? "red" : "Bluish")}\n")));
        var report = await Evaluate(segmenter, "labels");
        Check(report.Types!);
        Assert.Contains("F_d 1.0000", report.ToTable(), StringComparison.Ordinal);
        Assert.Equal(1, (double)JsonNode.Parse(report.ToJson())!["types"]!["detection"]!);
        Assert.Equal(1, report.PanopticQuality.Mean, 6);

        // Nobody knows the upper half.
        var half = new LabelImage(Side, Side);
        half.Labels.AsSpan(0, Side * Side / 2).Fill(1);
        Directory.CreateDirectory(_folder.File("unsure"));
        LabelImageFile.WritePng(_folder.File("unsure/a.png"), half);
        var lower = await Evaluate(segmenter, "labels");
        Assert.InRange(lower.Pooled!.PredictedCount, 12, 24);
        Assert.Equal((1, 1), (lower.PanopticQuality.Mean, lower.Types!.Detection));
        Directory.Delete(_folder.File("unsure"), recursive: true);

        // On a picture of which people say that it has no nuclei all 36 are false.
        var bare = _folder.File("images/b.png");
        File.Copy(_picture, bare);
        LabelImageFile.WritePng(_folder.File("labels/b.png"), new LabelImage(Side, Side));
        Assert.Equal(2.0 * 36 / (36 + 72), (await Evaluate(segmenter, "labels")).Types!.Detection, 9);
        File.Delete(bare);
        File.Delete(_folder.File("labels/b.png"));

        Directory.CreateDirectory(_folder.File("points"));
        File.WriteAllText(
            _folder.File("points/a.csv"),
            "x,y,type\n"
                + string.Concat(
                    labels
                        .Labels.Index()
                        .Where(l => l.Item != 0 && l.Item != unknown)
                        .GroupBy(l => l.Item)
                        .Select(g =>
                            FormattableString.Invariant(
                                $"{g.Average(l => l.Index % Side) + 2},{g.Average(l => l.Index / Side)},{(wrong.Contains(g.Key) || column[g.Key] > Side / 3 ? "red" : "Blue")}\n"))));
        var points = await Evaluate(segmenter, "points");
        Assert.Empty(points.Images);
        Assert.DoesNotContain("Dice", points.ToTable(), StringComparison.Ordinal);
        Assert.Equal(2 * 35 / (2 * 35 + 1.0), points.Types!.Detection, 6);

        File.WriteAllText(_folder.File("types/a.csv"), "label,type\n1,green\n");
        var error = await Assert.ThrowsAsync<SlideException>(() => Evaluate(segmenter, "labels"));
        Assert.Contains("'green', which the model doesn't tell: it knows Blue, Red", error.Message, StringComparison.Ordinal);

        static void Check(TypeAgreement types)
        {
            Assert.Equal((1, 10, 25), (types.Detection, types.Truth(1), types.Truth(2)));
            Assert.Equal(33 / 35.0, types.Accuracy, 9);
            Assert.Equal(20 / (20 + 4.0), types.OfType(1), 9);
        }
    }

    private async Task<EvaluationReport> Evaluate(SlideSegmenter segmenter, string truth) =>
        await segmenter.EvaluateAsync(_folder.File(truth), _folder.File("images"), new Mpp(0.25), TestContext.Current.CancellationToken);

    private SlideSegmenter Segmenter(Stain stain) =>
        new(
            _model,
            new SegmentSettings
            {
                TileSize = 256,
                Measurements = MeasurementChoice.Basic,
                Stain = stain,
            },
            new SlideCalibrator { Stated = new Mpp(0.25) });

    private static void Draw(string path)
    {
        var picture = new RgbImage(Side, Side);
        for (var y = 0; y < Side; y++)
        {
            for (var x = 0; x < Side; x++)
            {
                var (dx, dy) = ((x % Step) - (Step / 2), (y % Step) - (Step / 2));
                var row = picture.Row(y);
                (row[3 * x], row[(3 * x) + 1], row[(3 * x) + 2]) = (dx * dx) + (dy * dy) >= 225 ? ((byte)220, (byte)160, (byte)200)
                    : x < Side / 3 ? ((byte)70, (byte)50, (byte)150) : ((byte)70, (byte)50, (byte)60);
            }
        }

        RgbImageFile.WritePng(path, picture);
    }
}
