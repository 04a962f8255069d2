using System.CommandLine;
using HoverFast.Cli.Options;
using HoverFast.Cli.Screens;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Cli.Commands;

/// <summary>
/// HoverFast's own command lines, <c>infer_wsi</c> and <c>infer_roi</c>, with its flags, folders and file names (Liakopoulos et al., JOSS
/// 2024), so that scripts go on working. What can have no effect here is accepted and said.
/// </summary>
internal static class InferCommands
{
    /// <summary>
    /// HoverFast's tolerance is a thousandth of the outline's length for each unit; this is that of a typical nucleus (100 pixels around),
    /// in pixels.
    /// </summary>
    private const double PixelsPerUnit = 0.1;

    /// <summary>The pixel size that HoverFast takes pictures to have: 40x.</summary>
    private static readonly Mpp _roiMpp = Mpp.FromMagnification(40);

    /// <summary>The commands.</summary>
    public static IEnumerable<Command> Make() => [WholeSlides(), Regions()];

    private static Command WholeSlides()
    {
        var common = new Common(sizeThreshold: 5, "Smallest nucleus in um2.");
        var masks = new Option<DirectoryInfo>("--binmask_dir", "-b") { Description = "Folder of tissue masks, NAME.png." };
        masks.AcceptExistingOnly();
        var magnification = NumberOption.Real(
            "--magnification",
            "Magnification that a checkpoint given with -m works at. The built-in model and ONNX models know theirs.",
            40,
            1,
            100,
            "-l");
        var tileSize = NumberOption.Whole("--tile_size", "Pixels on a side of a tile.", 1024, 1, SegmentSettings.LargestTileSize, "-t");
        var command = new Command("infer_wsi", "HoverFast's command line for slides: writes OUTDIR/NAME.json.gz.") { masks, magnification, tileSize };
        common.AddTo(command);
        command.SetAction((parsed, cancellation) => common.RunAsync(
            parsed,
            settings => settings with { MaskFolder = parsed.GetValue(masks)?.FullName, TileSize = parsed.GetValue(tileSize) },
            new SlideCalibrator(),
            1,
            simplify => new ResultOptions { Kinds = [ResultKind.GeoJson], Force = true, Simplify = simplify, FileOf = static (name, _) => name + ".json.gz" },
            cancellation,
            magnification));
        return command;
    }

    private static Command Regions()
    {
        var common = new Common(sizeThreshold: 85, "Smallest nucleus in pixels of a 40x picture.");
        var width = NumberOption.Whole("--width", "Width of the outlines in the overlay, in pixels.", 2, 1, 100, "-w");
        var colour = new Option<string>("--color", "-c")
        {
            Description = "Colour of the outlines in the overlay: a CSS name, a letter, #rrggbb, or a grey from 0 to 1.",
            DefaultValueFactory = _ => "limegreen",
        };
        colour.Validators.Add(r =>
        {
            if (r.Tokens is [{ Value: var name }, ..] && MatplotlibColour.Parse(name) is null)
            {
                r.AddError($"--color knows no colour '{name}'. Give a CSS name, a letter of rgbcmykw, #rrggbb, or a grey from 0 to 1.");
            }
        });
        var command = new Command("infer_roi", "HoverFast's command line for pictures: writes json/, overlay/ and label_mask/.") { width, colour };
        common.AddTo(command);
        command.SetAction((parsed, cancellation) => common.RunAsync(
            parsed,
            static settings => settings,
            new SlideCalibrator { Stated = _roiMpp },
            _roiMpp.MicronsPerPixel * _roiMpp.MicronsPerPixel,
            simplify => new ResultOptions
            {
                Kinds = [ResultKind.GeoJson, ResultKind.Overlay, ResultKind.Labels],
                Force = true,
                Simplify = simplify,
                OverlayWidth = parsed.GetValue(width),
                OverlayColour = MatplotlibColour.Parse(parsed.GetValue(colour)!),
                FileOf = static (name, kind) => kind switch
                {
                    ResultKind.Overlay => Path.Combine("overlay", name + "_overlay.png"),
                    ResultKind.Labels => Path.Combine("label_mask", name + "_label_mask.png"),
                    _ => Path.Combine("json", name + ".json.gz"),
                },
            },
            cancellation));
        return command;
    }

    /// <summary>What both command lines have.</summary>
    private sealed class Common(double sizeThreshold, string sizeDescription)
    {
        private readonly Argument<string[]> _inputs = InputArgument.Make("slide_folder", "Files, or a pattern.", ArgumentArity.OneOrMore);
        private readonly Option<DirectoryInfo> _output = new("--outdir", "-o")
        {
            Description = "Output folder.",
            DefaultValueFactory = _ => new DirectoryInfo("./output/"),
        };
        private readonly Option<string?> _model = new("--model_path", "-m")
        {
            Description = "An ONNX model; without it, or where HoverFast's default file is missing, the built-in one.",
        };
        private readonly Option<double> _simplify = NumberOption.Real(
            "--poly_simplify",
            "Tolerance for simplifying outlines, in thousandths of their length; 0 keeps them.",
            6,
            0,
            1000,
            "-p");
        private readonly Option<double> _size = NumberOption.Real("--size_threshold", sizeDescription, sizeThreshold, 0, 1e6, "-s");
        private readonly Option<string> _stain = new("--stain", "-st") { Description = "he or ihc_dab.", DefaultValueFactory = _ => "he" };
        private readonly Option<int?> _batchMemory = NumberOption.Whole("--batch_mem", "No effect: memory is bounded anyway.", 0, int.MaxValue, "-r");
        private readonly Option<int?> _batchGpu = NumberOption.Whole("--batch_gpu", "No effect: nothing is batched on the CPU.", 0, int.MaxValue, "-g");
        private readonly Option<int?> _processes = NumberOption.Whole("--n_process", "Threads.", 0, ThreadCount.Most, "-n");

        public void AddTo(Command command)
        {
            _stain.AcceptOnlyFromAmong("he", "ihc_dab");
            command.Add(_inputs);
            foreach (var option in (Option[])[_output, _model, _simplify, _size, _stain, _batchMemory, _batchGpu, _processes])
            {
                command.Add(option);
            }
        }

        public async Task<int> RunAsync(
            ParseResult parsed,
            Func<SegmentSettings, SegmentSettings> complete,
            SlideCalibrator calibrator,
            double squareMicronsPerUnit,
            Func<double, ResultOptions> results,
            CancellationToken cancellation,
            Option<double>? magnification = null)
        {
            // Scripts name HoverFast's own weights; without them the built-in model does the work.
            var path = parsed.GetValue(_model);
            if (path is not null && !File.Exists(path) && Path.GetFileName(path).StartsWith("hoverfast_", StringComparison.Ordinal))
            {
                await Console.Error.WriteLineAsync($"note: {path} is not there; the built-in model is used.");
                path = null;
            }

            using var model = ModelCatalog.Load(path, magnification is null ? null : Mpp.FromMagnification(parsed.GetValue(magnification)));
            await SayWhatHasNoEffect(parsed, magnification is not null && !ModelCatalog.IsCheckpoint(path) ? magnification : null, model.Card.Mpp);
            var settings = complete(new SegmentSettings
            {
                Threads = Math.Max(1, parsed.GetValue(_processes) ?? ThreadCount.Available),
                Stain = parsed.GetValue(_stain) == "ihc_dab" ? Stain.HaematoxylinDab : Stain.HaematoxylinEosin,
                Finder = new FinderSettings { MinArea = parsed.GetValue(_size) * squareMicronsPerUnit },
            });
            using var segmenter = new SlideSegmenter(model, settings, calibrator);
            return await BatchScreen.RunAsync(
                segmenter,
                SlideInputs.Expand(parsed.GetValue(_inputs)!),
                parsed.GetValue(_output)!.FullName,
                results(parsed.GetValue(_simplify) * PixelsPerUnit),
                cancellation);
        }

        private async Task SayWhatHasNoEffect(ParseResult parsed, Option? magnification, double mpp)
        {
            foreach (var (option, why) in ((Option?, string)[])[
                (_batchMemory, "memory is bounded anyway"),
                (_batchGpu, "nothing is batched on the CPU"),
                (magnification, $"the model works at {mpp} um/px, and slides are resampled to it")])
            {
                if (option is not null && parsed.GetResult(option) is { Implicit: false })
                {
                    await Console.Error.WriteLineAsync($"note: {option.Name} has no effect: {why}.");
                }
            }
        }
    }
}
