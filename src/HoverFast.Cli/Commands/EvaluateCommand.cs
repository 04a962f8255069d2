using System.CommandLine;
using HoverFast.Cli.Options;
using HoverFast.Evaluation;
using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast evaluate</c>: label images, or a model's answers, against ground truth.</summary>
internal static class EvaluateCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var truth = new Argument<DirectoryInfo>("TRUTH")
        {
            Description =
                "Folder of label images (0 background, 1..N nuclei), of QuPath's GeoJSON or of Parquet with outlines, or a folder that holds images/ and labels/. Nucleus types are scored where types/X.csv (label,type) lies beside labels/X.png, or outlines have classes; a folder of CSV files with x,y,type scores types by points. What a mask unsure/X.png beside labels/ covers counts neither way.",
        };
        var predicted = new Option<DirectoryInfo?>("--predicted") { Description = "Folder of label images, GeoJSON or Parquet of the same names, to compare. Types are scored with --mpp where both sides name them." };
        var images = new Option<DirectoryInfo?>("--images") { Description = "Folder of the pictures, to segment them (default: images/ beside labels/)." };
        var model = ModelOptions.Model();
        var views = ModelOptions.Views();
        var weights = ModelOptions.Weights();
        var device = ModelOptions.Device();
        var mpp = CalibrationOptions.Mpp("Pixel size of the pictures in um/px; needed to segment them, and for centroid F1 and types.");
        var json = new Option<FileInfo?>("--json") { Description = "Write the figures as JSON too." };
        var errors = new Option<bool>("--errors")
        {
            Description = "Tell what went wrong where pictures are segmented: missed, merged, split, poor outline, false; by size, darkness and crowding.",
        };
        var each = new Option<bool>("--per-image") { Description = "List each image." };
        var command = new Command(
            "evaluate",
            "Score segmentations against ground truth: Dice, AJI, DQ, SQ, PQ, F1, with bootstrap intervals over images; nucleus types: F_d, F_c.")
        {
            truth,
            predicted,
            images,
            model,
            views,
            weights,
            device,
            mpp,
            json,
            each,
            errors,
        };
        command.Validators.Add(r =>
        {
            if (r.GetResult(predicted) is null && r.GetResult(mpp) is null)
            {
                r.AddError("Segmenting the pictures needs their pixel size: give --mpp, or compare label images with --predicted.");
            }
        });
        command.SetAction(
            async (parsed, cancellation) =>
            {
                var root = parsed.GetValue(truth)!.FullName;
                var labels = Directory.Exists(Path.Combine(root, "labels")) ? Path.Combine(root, "labels") : root;
                Mpp? pixelSize = parsed.GetValue(mpp) is { } value ? new Mpp(value) : null;
                EvaluationReport report;
                if (parsed.GetValue(predicted) is { } folder)
                {
                    report = EvaluationReport.OfFiles(labels, folder.FullName, pixelSize);
                }
                else
                {
                    using var network = ModelCatalog.Load(parsed.GetValue(model), device: ExecutionProviders.Parse(parsed.GetValue(device)!));
                    using var segmenter = new SlideSegmenter(
                        network,
                        new SegmentSettings { Views = parsed.GetValue(views), Weights = ModelOptions.WeightsOf(parsed.GetValue(weights)!) },
                        new SlideCalibrator { Stated = pixelSize });
                    report = await segmenter.EvaluateAsync(
                        labels,
                        parsed.GetValue(images)?.FullName ?? Path.Combine(root, "images"),
                        pixelSize!.Value,
                        cancellation);
                }

                Console.Write(report.ToTable(parsed.GetValue(each)));
                if (parsed.GetValue(errors) && report.ErrorsAsTable is { } table)
                {
                    Console.Write(table);
                }

                foreach (var warning in report.Warnings)
                {
                    await Console.Error.WriteLineAsync("warning: " + warning);
                }

                if (parsed.GetValue(json) is { } file)
                {
                    PartialFile.WriteText(file.FullName, report.ToJson());
                }

                return ExitCode.Success;
            });
        return command;
    }
}
