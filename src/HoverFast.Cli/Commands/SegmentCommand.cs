using System.CommandLine;
using HoverFast.Cli.Options;
using HoverFast.Cli.Screens;
using HoverFast.Jobs;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Stains;
using HoverFast.Synthetic;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast segment</c>: slides and pictures in, nuclei out.</summary>
internal static class SegmentCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var inputs = InputArgument.Make("INPUT", "Slides and pictures: files, folders, patterns such as 'slides/*.svs', or a DICOMweb server's address.", ArgumentArity.ZeroOrMore);
        var output = new Option<DirectoryInfo>("--out", "-o") { Description = "Folder for the results; made if it is missing.", DefaultValueFactory = _ => new DirectoryInfo("hoverfast-results") };
        var sample = new Option<bool>("--sample") { Description = "Draw a small sample picture into the output folder and segment it." };
        var segmenting = new SegmentOptions();
        var calibration = new CalibrationOptions();
        var kinds = ResultKindsOption.Make();
        var store = new Option<string?>("--store") { Description = "Send the DICOM annotations to this DICOMweb server (STOW-RS), for example http://host/dicom-web." };
        var measurements = new Option<string>("--measurements") { Description = "Measurements of each nucleus: none, basic or all.", DefaultValueFactory = _ => "basic" };
        measurements.AcceptOnlyFromAmong("none", "basic", "all");
        var masks = new Option<DirectoryInfo>("--mask-dir") { Description = "Folder of tissue masks, one picture per slide at any scale (HistoQC's, for example); instead of detecting tissue." };
        var region = new Option<FileInfo>("--region") { Description = "GeoJSON from QuPath: search only inside its annotations." };
        var minArea = NumberOption.Real("--min-area", "Smallest nucleus in um2.", 0, 1000);
        var skipCorrupt = new Option<bool>("--skip-corrupt") { Description = "Take damaged regions as blank and list them, instead of giving the slide up." };
        var force = new Option<bool>("--force") { Description = "Segment again what is done already." };
        var stain = new Option<string>("--stain") { Description = "he, or ihc-dab for immunohistochemistry (the network then sees the haematoxylin alone).", DefaultValueFactory = _ => "he" };
        stain.AcceptOnlyFromAmong("he", "ihc-dab");
        var dicomWeb = new DicomWebOptions();
        var icc = new Option<bool>("--icc") { Description = "Bring colours to sRGB where the file carries an ICC profile. Models are trained on colours as they are stored, so this is for scanners whose stored colours are far off." };
        masks.AcceptExistingOnly();
        region.AcceptExistingOnly();

        var command = new Command("segment", "Find the nuclei of slides and pictures. Finished inputs are kept, interrupted ones go on where they were.")
        {
            inputs, output, sample, kinds, store, measurements, masks, region, minArea, skipCorrupt, force, stain,
        };
        calibration.AddTo(command);
        command.Add(icc);
        segmenting.AddTo(command);
        dicomWeb.AddTo(command, inputs);
        command.Validators.Add(r =>
        {
            if (r.GetResult(inputs) is not { Tokens.Count: > 0 } && r.GetResult(sample) is not { Implicit: false })
            {
                r.AddError("Name at least one INPUT, or use --sample.");
            }

            if (r.GetResult(store) is { Tokens.Count: > 0 } && (r.GetResult(kinds) is { Tokens.Count: > 0 } ? r.GetValue(kinds) : null)?.Contains("dicom-ann", StringComparison.OrdinalIgnoreCase) != true)
            {
                r.AddError("--store sends DICOM annotations: add --write dicom-ann.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = parsed.GetValue(output)!.FullName;
            var files = SlideInputs.Expand(dicomWeb.Complete(parsed, parsed.GetValue(inputs) ?? []));
            Mpp? drawn = null;
            if (parsed.GetValue(sample))
            {
                var path = Path.Combine(folder, "sample.png");
                SamplePicture.Write(path, 1024, SampleCommand.SampleMpp, 1);
                files = [.. files, SlideInputs.Of(path)];
                drawn = SampleCommand.SampleMpp;
            }

            var calibrator = calibration.Calibrator(parsed, files, drawn);

            var finder = new FinderSettings();
            var (model, settings) = segmenting.Load(parsed, new SegmentSettings
            {
                SkipCorrupt = parsed.GetValue(skipCorrupt),
                Stain = parsed.GetValue(stain) == "ihc-dab" ? Stain.HaematoxylinDab : Stain.HaematoxylinEosin,
                Measurements = Enum.Parse<MeasurementChoice>(parsed.GetValue(measurements)!, ignoreCase: true),
                ToSrgb = parsed.GetValue(icc),
                MaskFolder = parsed.GetValue(masks)?.FullName,
                Region = parsed.GetValue(region)?.FullName,
                Finder = parsed.GetValue(minArea) is { } area ? finder with { MinArea = area } : finder,
            });
            using var loaded = model;
            using var segmenter = new SlideSegmenter(model, settings, calibrator);
            var results = new ResultOptions { Kinds = ResultKindsOption.Parse(parsed.GetValue(kinds)), Force = parsed.GetValue(force), StoreAt = parsed.GetValue(store) };
            return await BatchScreen.RunAsync(segmenter, files, folder, results, cancellation);
        });
        return command;
    }
}
