using System.CommandLine;
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
            first,
            second,
            tiles,
            mpp,
            views,
            each,
            json,
        };
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var folder = parsed.GetRequiredValue(tiles).FullName;
                var labels = Directory.Exists(Path.Combine(folder, "labels")) ? Path.Combine(folder, "labels") : folder;
                var pixelSize = parsed.GetValue(mpp) is { } value ? new Mpp(value) : PixelSizeOf(folder);
                var (a, b) = (parsed.GetRequiredValue(first), parsed.GetRequiredValue(second));
                var report = PairedReport.Of(folder, await Score(a), await Score(b));
                Console.Write(report.ToTable(a, b, parsed.GetValue(each)));
                if (parsed.GetValue(json) is { } file)
                {
                    PartialFile.WriteText(file.FullName, report.ToJson(a, b));
                }

                return ExitCode.Success;

                async Task<EvaluationReport> Score(string model)
                {
                    using var network = ModelCatalog.Load(model);
                    using var segmenter = new SlideSegmenter(
                        network,
                        new SegmentSettings { Views = parsed.GetValue(views) },
                        new SlideCalibrator { Stated = pixelSize });
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
}
