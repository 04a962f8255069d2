using System.CommandLine;
using HoverFast.Cli.Measuring;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast segment</c>: slides and pictures in, nuclei out.</summary>
internal static class SegmentCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var inputs = new Argument<string[]>("INPUT") { Description = "Slides and pictures: files, folders, or patterns such as 'slides/*.svs'.", Arity = ArgumentArity.ZeroOrMore };
        var output = new Option<DirectoryInfo>("--out", "-o") { Description = "Folder for the results; made if it is missing.", DefaultValueFactory = _ => new DirectoryInfo("hoverfast-results") };
        var sample = new Option<bool>("--sample") { Description = "Draw a small sample picture into the output folder and segment it." };
        var tuned = new TunedSettings();
        var mpp = Number("--mpp", "Pixel size of all inputs in um/px, whatever the files state.", SlideCalibrator.Finest, SlideCalibrator.Coarsest);
        var table = new Option<FileInfo>("--mpp-csv", "--mpp-table") { Description = "CSV of pixel sizes for single inputs: file name, um/px." };
        var magnification = Number("--assume-magnification", "Objective power to assume where a file states no pixel size, for example 40.", 1, 200);
        var kinds = new Option<string?>("--output") { Description = $"Results to write, parted by commas: {string.Join(", ", OutputPlan.Names)} (default: geojson; for plain pictures also labels and overlay)." };
        var measurements = new Option<string>("--measurements") { Description = "Measurements of each nucleus: none, basic or all.", DefaultValueFactory = _ => "basic" };
        measurements.AcceptOnlyFromAmong("none", "basic", "all");
        var masks = new Option<DirectoryInfo>("--mask-dir") { Description = "Folder of tissue masks, one picture per slide at any scale (HistoQC's, for example); instead of detecting tissue." };
        var region = new Option<FileInfo>("--region") { Description = "GeoJSON from QuPath: search only inside its annotations." };
        var minArea = Number("--min-area", "Smallest nucleus in um2.", 0, 1000);
        var skipCorrupt = new Option<bool>("--skip-corrupt") { Description = "Take damaged regions as blank and list them, instead of giving the slide up." };
        var force = new Option<bool>("--force") { Description = "Segment again what is done already." };
        var stain = new Option<string>("--stain") { Description = "he, or ihc-dab for immunohistochemistry (the network then sees the haematoxylin alone).", DefaultValueFactory = _ => "he" };
        stain.AcceptOnlyFromAmong("he", "ihc-dab");
        InputFiles.RefuseOptions(inputs);
        table.AcceptExistingOnly();
        masks.AcceptExistingOnly();
        region.AcceptExistingOnly();

        var command = new Command("segment", "Find the nuclei of slides and pictures. Finished inputs are kept, interrupted ones go on where they were.")
        {
            inputs, output, sample, mpp, table, magnification, kinds, measurements, masks, region, minArea, skipCorrupt, force, stain,
        };
        tuned.AddTo(command);
        command.Validators.Add(r =>
        {
            if (r.GetValue(inputs) is not { Length: > 0 } && !r.GetValue(sample))
            {
                r.AddError("Name at least one INPUT, or use --sample.");
            }

            if (r.GetValue(kinds) is { } list && OutputPlan.Unknown(list) is { } unknown)
            {
                r.AddError($"--output knows {string.Join(", ", OutputPlan.Names)}, not '{unknown}'.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = OutputPlan.MakeFolder(parsed.GetValue(output)!);
            var files = InputFiles.Expand(parsed.GetValue(inputs) ?? []);
            var stated = parsed.GetValue(mpp);
            if (parsed.GetValue(sample))
            {
                var path = Path.Combine(folder, "sample.png");
                SampleCommand.Draw(path, 1024, 1);
                files = [.. files, new InputFile(path, "sample")];
                stated ??= SampleCommand.SampleMpp.MicronsPerPixel;
            }

            var calibrator = new SlideCalibrator
            {
                Stated = stated is { } s ? new Mpp(s) : null,
                AssumedMagnification = parsed.GetValue(magnification),
            };
            if (parsed.GetValue(table) is { } csv)
            {
                calibrator.AddTable(csv.FullName);
                foreach (var row in calibrator.UnmatchedRows([.. files.Select(f => f.Path)]))
                {
                    Console.Error.WriteLine($"{csv}: {row} matches no input.");
                }
            }

            var finder = new FinderSettings();
            var (network, settings) = tuned.Load(parsed, new SegmentSettings
            {
                SkipCorrupt = parsed.GetValue(skipCorrupt),
                Stain = parsed.GetValue(stain) == "ihc-dab" ? Stain.HaematoxylinDab : Stain.HaematoxylinEosin,
                Measurements = Enum.Parse<MeasurementChoice>(parsed.GetValue(measurements)!, ignoreCase: true),
                MaskFolder = parsed.GetValue(masks)?.FullName,
                Region = parsed.GetValue(region)?.FullName,
                Finder = parsed.GetValue(minArea) is { } area ? finder with { MinArea = area } : finder,
            });
            using var loaded = network;
            var plan = new OutputPlan(folder, parsed.GetValue(kinds), parsed.GetValue(force));
            return await Batch.RunAsync(files, network, settings, calibrator, plan, cancellation);
        });
        return command;
    }

    private static Option<double?> Number(string name, string description, double low, double high)
    {
        var option = new Option<double?>(name) { Description = description };
        option.Validators.Add(r =>
        {
            if (r.GetValueOrDefault<double?>() is { } value && !(value >= low && value <= high))
            {
                r.AddError($"{name} lies between {low} and {high}.");
            }
        });
        return option;
    }
}
