using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using HoverFast.Cli.Options;
using HoverFast.Evaluation;
using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast model compare A B DIR</c>: is model B better than model A on these labelled tiles?</summary>
internal static class ModelCompareCommand
{
    private static readonly (string Key, string Title, Func<SegmentationScore, double> Of)[] _figures =
    [
        ("pq", "PQ", s => s.PanopticQuality),
        ("dice", "Dice", s => s.Dice),
        ("aji", "AJI", s => s.Aji),
        ("f1", "DQ (F1)", s => s.DetectionQuality),
    ];

    private static readonly JsonSerializerOptions _json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    /// <summary>The command.</summary>
    public static Command Make()
    {
        var first = new Argument<string>("A") { Description = "Name of a built-in model, or path of an ONNX file." };
        var second = new Argument<string>("B") { Description = "The other model." };
        var tiles = new Argument<DirectoryInfo>("DIR") { Description = "Folder with images/ and labels/ (label images or QuPath's GeoJSON)." };
        var mpp = CalibrationOptions.Mpp("Pixel size of the tiles in um/px (default: what DIR/dataset.json or the pictures themselves say).");
        var views = ModelOptions.Views();
        var each = new Option<bool>("--per-image") { Description = "List each image." };
        var json = new Option<FileInfo?>("--json") { Description = "Write the figures as JSON too." };
        var command = new Command("compare", "Compare two models on the same labelled tiles: mean differences, tile by tile, with bootstrap intervals.")
        {
            first, second, tiles, mpp, views, each, json,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = parsed.GetRequiredValue(tiles).FullName;
            var labels = Directory.Exists(Path.Combine(folder, "labels")) ? Path.Combine(folder, "labels") : folder;
            var pixelSize = parsed.GetValue(mpp) is { } value ? new Mpp(value) : PixelSizeOf(folder);
            var (a, b) = (parsed.GetRequiredValue(first), parsed.GetRequiredValue(second));
            var report = PairedReport.Of(folder, await Score(a), await Score(b));
            Console.Write(Table(report, a, b, parsed.GetValue(each)));
            if (parsed.GetValue(json) is { } file)
            {
                PartialFile.WriteText(file.FullName, Json(report, a, b));
            }

            return ExitCode.Success;

            async Task<EvaluationReport> Score(string model)
            {
                using var network = ModelCatalog.Load(model);
                using var segmenter = new SlideSegmenter(network, new SegmentSettings { Views = parsed.GetValue(views) }, new SlideCalibrator { Stated = pixelSize });
                return await segmenter.EvaluateAsync(labels, Path.Combine(folder, "images"), pixelSize, cancellation);
            }
        });
        return command;
    }

    private static Mpp PixelSizeOf(string folder)
    {
        var description = Path.Combine(folder, "dataset.json");
        if (File.Exists(description))
        {
            try
            {
                using var json = JsonDocument.Parse(File.ReadAllBytes(description));
                if (json.RootElement.TryGetProperty("mpp", out var stated))
                {
                    return new Mpp(stated.GetDouble());
                }
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException or ArgumentException)
            {
                throw new SlideException(description, "can't be read; give the pixel size with --mpp.", e);
            }
        }

        var images = Path.Combine(folder, "images");
        var first = Directory.Exists(images) ? Directory.EnumerateFiles(images).Order(StringComparer.Ordinal).FirstOrDefault() : null;
        using var slide = Slide.Open(first ?? throw new SlideException(images, "holds no picture."));
        return new SlideCalibrator().Resolve(slide).Mpp;
    }

    private static string Table(PairedReport report, string a, string b, bool perImage)
    {
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"A: {a}\nB: {b}\n{report.Images.Count} images\n");
        if (perImage)
        {
            var width = Math.Max(5, report.Images.Max(i => i.Name.Length));
            text.WriteLine($"{"Image".PadRight(width)}    PQ of A    PQ of B      B - A");
            foreach (var image in report.Images)
            {
                text.WriteLine($"{image.Name.PadRight(width)}  {Number(image.First.PanopticQuality),9}  {Number(image.Second.PanopticQuality),9}  {Signed(image.Gain),9}");
            }

            text.WriteLine();
        }

        text.WriteLine("Figure        A        B    B - A   95 % interval");
        foreach (var (_, title, of) in _figures)
        {
            var difference = report.Difference(of);
            text.WriteLine($"{title,-8} {Number(report.First.Mean(of).Mean),6}   {Number(report.Second.Mean(of).Mean),6}  {Signed(difference.Mean),7}   {Signed(difference.Low)} to {Signed(difference.High)}");
        }

        var pq = report.Gain;
        text.WriteLine(report.Images.Count < 2 ? "One image: no interval can be given."
            : pq.Low > 0 ? "B is better on such tiles (PQ)."
            : pq.High < 0 ? "A is better on such tiles (PQ)."
            : "These tiles don't tell which is better (the interval of PQ holds 0).");
        return text.ToString();
    }

    private static string Json(PairedReport report, string a, string b) => JsonSerializer.Serialize(
        new
        {
            a,
            b,
            images = report.Images.Count,
            figures = _figures.ToDictionary(f => f.Key, f => report.Difference(f.Of) is var d
                ? new { a = Round(report.First.Mean(f.Of).Mean), b = Round(report.Second.Mean(f.Of).Mean), difference = Round(d.Mean), low = Round(d.Low), high = Round(d.High) }
                : null),
            perImage = report.Images.Select(i => new { i.Name, a = Round(i.First.PanopticQuality), b = Round(i.Second.PanopticQuality) }),
        },
        _json) + "\n";

    private static double? Round(double value) => double.IsNaN(value) ? null : Math.Round(value, 5);

    private static string Number(double value) => double.IsNaN(value) ? "-" : value.ToString("0.0000", CultureInfo.InvariantCulture);

    private static string Signed(double value) => double.IsNaN(value) ? "-" : value.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture);
}
