using System.CommandLine;
using System.Globalization;
using HoverFast.Cli.Options;
using HoverFast.Cli.Screens;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;
using Spectre.Console;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast estimate</c>: what a batch will take, before it starts.</summary>
internal static class EstimateCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var inputs = InputArgument.Make("INPUT", "Slides and pictures: files, folders, or patterns.", ArgumentArity.OneOrMore);
        var segmenting = new SegmentOptions();
        var mpp = CalibrationOptions.GivenMpp();
        var price = NumberOption.Real("--price", "Price of this machine for an hour, in any currency; gives the cost.", 0, 1e9);
        var check = new Option<bool>("--check")
        {
            Description = "Segment the inputs afterwards, into a folder that is deleted, and set beside each other what was estimated and what came.",
        };
        var command = new Command("estimate", "Tell the tissue area, time, memory, output size and cost of a batch, from a sample of each slide's tiles.")
        {
            inputs,
            mpp,
            price,
            check,
        };
        segmenting.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (model, settings) = segmenting.Load(parsed, new SegmentSettings { Measurements = MeasurementChoice.Basic });
            using var loaded = model;
            Mpp? stated = parsed.GetValue(mpp) is { } value ? new Mpp(value) : null;
            using var segmenter = new SlideSegmenter(model, settings, new SlideCalibrator { Stated = stated });
            var table = new Table().Border(TableBorder.Simple).AddColumns("input", "tissue mm2", "tiles", "nuclei", "time", "GeoJSON MB", "note");
            var estimates = new List<(SlideInput Input, SlideEstimate Estimate)>();
            var failed = 0;
            foreach (var input in SlideInputs.Expand(parsed.GetValue(inputs)!))
            {
                try
                {
                    var estimate = await segmenter.EstimateAsync(input.Path, cancellation);
                    estimates.Add((input, estimate));
                    Row(table, input.Name, estimate, "");
                }
                catch (Exception e) when (e is SlideException or IOException)
                {
                    failed++;
                    table.AddRow(Markup.Escape(input.Name), "", "", "", "", "", Markup.Escape(ProblemText.Of(e)));
                }
            }

            var sum = SlideEstimate.Sum(estimates.Select(f => f.Estimate));
            Row(table, "all", sum, parsed.GetValue(price) is { } hour ? $"costs {sum.Seconds / 3600 * hour:0.00}" : "");
            Screen.Out.Write(table);
            Screen.Out.WriteLine($"memory: {sum.PeakMemory / 1048576.0:0} MiB with {settings.Threads} threads");
            if (parsed.GetValue(check))
            {
                await CheckAsync(estimates, model, settings, stated, cancellation);
            }

            return failed > 0 ? ExitCode.SomeFailed : ExitCode.Success;
        });
        return command;
    }

    /// <summary>Segments each input in a process of its own and compares.</summary>
    private static async Task CheckAsync(
        List<(SlideInput Input, SlideEstimate Estimate)> estimates,
        NucleusModel model,
        SegmentSettings settings,
        Mpp? mpp,
        CancellationToken cancellation)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns(
            "input", "seconds estimated", "seconds taken", "ratio", "nuclei estimated", "nuclei found", "MB estimated", "MB written");
        foreach (var (input, estimate) in estimates)
        {
            using var folder = new ScratchFolder("estimate");
            string[] arguments =
            [
                "segment", input.Path, "-o", folder.Path, "--write", "geojson", "--device", ExecutionProviders.NameOf(model.Device),
                .. settings.Tuning is null ? (string[])["--no-tuning", "--model", model.Path] : [],
                "--threads", settings.Threads.ToString(CultureInfo.InvariantCulture), "--views", settings.Views.ToString(CultureInfo.InvariantCulture),
                "--weights", ModelOptions.NameOf(settings.Weights),
                .. settings.TileSize is { } side ? (string[])["--tile-size", side.ToString(CultureInfo.InvariantCulture)] : [],
                .. mpp is { } stated ? (string[])["--mpp", stated.MicronsPerPixel.ToString("R", CultureInfo.InvariantCulture)] : [],
            ];
            await OwnProcess.RunAsync(arguments, folder.Path, cancellation);
            var came = Manifest.TryRead(Directory.GetFiles(folder.Path, "*.manifest.json").Single())
                ?? throw new IOException($"{input.Path} left no manifest.");
            table.AddRow(
                Markup.Escape(input.Name),
                $"{estimate.Seconds:0.0}",
                $"{came.Effort.Seconds:0.0}",
                $"{estimate.Seconds / Math.Max(1e-3, came.Effort.Seconds):0.00}",
                $"{estimate.Nuclei}",
                $"{came.Counts.Nuclei}",
                $"{estimate.OutputBytes * 1e-6:0.0}",
                $"{came.Outputs.Sum(o => o.Bytes) * 1e-6:0.0}");
        }

        Screen.Out.Write(table);
    }

    private static void Row(Table table, string name, SlideEstimate e, string note) =>
        table.AddRow(
            Markup.Escape(name),
            $"{e.TissueArea:0.00}",
            $"{e.Tiles}",
            $"{e.Nuclei}",
            TimeSpan.FromSeconds(Math.Ceiling(e.Seconds)).ToString(@"d\.hh\:mm\:ss"),
            $"{e.OutputBytes * 1e-6:0.0}",
            Markup.Escape(note));
}
