using System.CommandLine;
using HoverFast.Evaluation;
using HoverFast.Files;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Output;
using HoverFast.Pipeline;
using HoverFast.Slides;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast evaluate</c>: label images, or a model's answers, against ground truth.</summary>
internal static class EvaluateCommand
{
    private static readonly string[] _images = [".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"];

    /// <summary>The command.</summary>
    public static Command Make()
    {
        var truth = new Argument<DirectoryInfo>("TRUTH") { Description = "Folder of label images (0 background, 1..N nuclei) or of QuPath's GeoJSON, or a folder that holds images/ and labels/." };
        var predicted = new Option<DirectoryInfo?>("--predicted") { Description = "Folder of label images or GeoJSON of the same names, to compare." };
        var images = new Option<DirectoryInfo?>("--images") { Description = "Folder of the pictures, to segment them (default: images/ beside labels/)." };
        var model = ModelCommand.Option();
        var views = ModelCommand.ViewsOption();
        var device = ModelCommand.DeviceOption();
        var mpp = new Option<double?>("--mpp") { Description = "Pixel size of the pictures in um/px; needed to segment them, and for centroid F1." };
        var json = new Option<FileInfo?>("--json") { Description = "Write the figures as JSON too." };
        var each = new Option<bool>("--per-image") { Description = "List each image." };
        var command = new Command("evaluate", "Score segmentations against ground truth: Dice, AJI, DQ, SQ, PQ, F1, with bootstrap intervals over images.")
        {
            truth, predicted, images, model, views, device, mpp, json, each,
        };
        mpp.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<double?>() is { } value && !(value >= SlideCalibrator.Finest && value <= SlideCalibrator.Coarsest))
            {
                r.AddError($"--mpp lies between {SlideCalibrator.Finest} and {SlideCalibrator.Coarsest}.");
            }
        });
        command.Validators.Add(r =>
        {
            if (r.GetValue(predicted) is null && r.GetValue(mpp) is null)
            {
                r.AddError("Segmenting the pictures needs their pixel size: give --mpp, or compare label images with --predicted.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var root = parsed.GetValue(truth)!.FullName;
            var labels = Directory.Exists(Path.Combine(root, "labels")) ? Path.Combine(root, "labels") : root;
            Mpp? pixelSize = parsed.GetValue(mpp) is { } value ? new Mpp(value) : null;
            var report = parsed.GetValue(predicted) is { } folder
                ? Compare(labels, folder.FullName, pixelSize)
                : await Segment(labels, parsed.GetValue(images)?.FullName ?? Path.Combine(root, "images"), parsed.GetValue(model), ExecutionProviders.Parse(parsed.GetValue(device)!), pixelSize!.Value, parsed.GetValue(views), cancellation);
            Console.Write(report.ToTable(parsed.GetValue(each)));
            if (parsed.GetValue(json) is { } file)
            {
                PartialFile.WriteText(file.FullName, report.ToJson());
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static EvaluationReport Compare(string labels, string predicted, Mpp? mpp) =>
        new(LabelPair.Find(labels, predicted).Select(pair => (pair.Name, pair.Compare(mpp))));

    private static async Task<EvaluationReport> Segment(string folder, string images, string? model, ComputeDevice device, Mpp mpp, int views, CancellationToken cancellation)
    {
        using var network = ModelCommand.Load(model, device: device);
        var segmenter = new SlideSegmenter(network, new SegmentSettings { TileSize = network.SuggestedTileSize, Views = views }, new SlideCalibrator { Stated = mpp });
        var scores = new List<(string, SegmentationScore)>();
        foreach (var (name, path) in LabelPair.FilesOf(folder))
        {
            var picture = _images.Select(e => Path.Combine(images, name + e)).FirstOrDefault(File.Exists) ?? throw new SlideException(path, $"has no picture of its name in {images}.");
            var truth = LabelImageFile.Read(path, SizeOf(picture));
            var labels = new LabelImageOutput(path, truth.Size, mpp);
            using var sink = new MemorySink(labels);
            await segmenter.SegmentAsync(picture, null, _ => [sink], cancellation: cancellation);
            scores.Add((name, SegmentationMetrics.Compare(truth, labels.Image, mpp)));
        }

        return new EvaluationReport(scores);
    }

    private static PixelSize SizeOf(string picture)
    {
        using var slide = Slide.Open(picture);
        return slide.Levels[0].Size;
    }

    /// <summary>Rounds and mends outlines as every output gets them, but leaves the label image in memory.</summary>
    private sealed class MemorySink(LabelImageOutput labels) : INucleusSink
    {
        private readonly NucleusWriter _writer = new([labels], []);

        public void Write(TileResult tile) => _writer.Write(tile);

        public void Complete()
        {
        }

        public void Dispose() => _writer.Dispose();
    }
}
