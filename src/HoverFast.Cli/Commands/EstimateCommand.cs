using System.CommandLine;
using System.Globalization;
using HoverFast.Cli.Measuring;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Stains;
using Spectre.Console;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast estimate</c>: what a batch will take, before it starts.</summary>
internal static class EstimateCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var inputs = new Argument<string[]>("INPUT") { Description = "Slides and pictures: files, folders, or patterns.", Arity = ArgumentArity.OneOrMore };
        InputFiles.RefuseOptions(inputs);
        var tuned = new TunedSettings();
        var mpp = new Option<double?>("--mpp") { Description = "Pixel size of all inputs in um/px, whatever the files state." };
        var price = new Option<double?>("--price") { Description = "Price of this machine for an hour, in any currency; gives the cost." };
        var check = new Option<bool>("--check") { Description = "Segment the inputs afterwards, into a folder that is deleted, and set beside each other what was foretold and what came." };
        var command = new Command("estimate", "Tell the tissue area, time, memory, output size and cost of a batch, from a sample of each slide's tiles.") { inputs, mpp, price, check };
        tuned.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (network, settings) = tuned.Load(parsed, new SegmentSettings { Measurements = MeasurementChoice.Basic });
            using var loaded = network;
            var stated = parsed.GetValue(mpp);
            var segmenter = new SlideSegmenter(network, settings, new SlideCalibrator { Stated = stated is { } value ? new Mpp(value) : null });
            var table = new Table().Border(TableBorder.Simple).AddColumns("input", "tissue mm2", "tiles", "nuclei", "time", "GeoJSON MB", "note");
            var foretold = new List<(InputFile File, SlideEstimate Estimate)>();
            var failed = 0;
            foreach (var file in InputFiles.Expand(parsed.GetValue(inputs)!))
            {
                try
                {
                    var e = await EstimateAsync(segmenter, settings, file.Path, cancellation);
                    foretold.Add((file, e));
                    Row(table, file.Name, e, "");
                }
                catch (Exception e) when (e is SlideException or IOException)
                {
                    failed++;
                    table.AddRow(Markup.Escape(file.Name), "", "", "", "", "", Markup.Escape(e is SlideException s ? s.Problem : e.Message));
                }
            }

            var all = foretold.Select(f => f.Estimate).ToList();
            var sum = new SlideEstimate(all.Sum(e => e.TissueArea), all.Sum(e => e.Tiles), all.Sum(e => e.Seconds), all.Sum(e => e.Nuclei), all.Select(e => e.PeakMemory).DefaultIfEmpty().Max()) { OutputBytes = all.Sum(e => e.OutputBytes) };
            Row(table, "all", sum, parsed.GetValue(price) is { } hour ? $"costs {sum.Seconds / 3600 * hour:0.00}" : "");
            HoverFastCommand.Screen.Write(table);
            HoverFastCommand.Screen.WriteLine($"memory: {sum.PeakMemory / 1048576.0:0} MiB with {settings.Threads} threads");
            if (parsed.GetValue(check))
            {
                await CheckAsync(foretold, network, settings, stated, cancellation);
            }

            return failed > 0 ? ExitCode.SomeFailed : ExitCode.Success;
        });
        return command;
    }

    private static async Task<SlideEstimate> EstimateAsync(SlideSegmenter segmenter, SegmentSettings settings, string path, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("hoverfast-estimate-");
        try
        {
            var file = Path.Combine(folder.FullName, "sample.geojson.gz");
            var names = NucleusMeasurements.NamesOf(settings.Measurements, settings.Stain);
            var sink = new Sample(file, names);
            var estimate = await segmenter.EstimateAsync(
                path,
                Path.Combine(folder.FullName, "sample.journal"),
                context =>
                {
                    sink.Open(context);
                    return [sink];
                },
                cancellation);
            return estimate with { OutputBytes = sink.Nuclei == 0 ? 0 : (long)(sink.Bytes / (double)sink.Nuclei * estimate.Nuclei) };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Segments each input in a process of its own and compares.</summary>
    private static async Task CheckAsync(List<(InputFile File, SlideEstimate Estimate)> foretold, NucleusModel model, SegmentSettings settings, double? mpp, CancellationToken cancellation)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("input", "seconds foretold", "seconds taken", "ratio", "nuclei foretold", "nuclei found", "MB foretold", "MB written");
        var folder = Directory.CreateTempSubdirectory("hoverfast-estimate-");
        try
        {
            foreach (var (file, e) in foretold)
            {
                string[] arguments =
                [
                    "segment", file.Path, "-o", folder.FullName, "--output", OutputPlan.GeoJson, "--device", ExecutionProviders.NameOf(model.Device),
                    .. settings.Tuning is null ? (string[])["--no-tuning", "--model", model.Path] : [],
                    "--threads", settings.Threads.ToString(CultureInfo.InvariantCulture), "--tile-size", settings.TileSize.ToString(CultureInfo.InvariantCulture),
                    .. mpp is { } stated ? (string[])["--mpp", stated.ToString("R", CultureInfo.InvariantCulture)] : [],
                ];
                await OwnProcess.RunAsync(arguments, cancellation);
                var came = Manifest.TryRead(Directory.GetFiles(folder.FullName, "*.manifest.json").Single()) ?? throw new IOException($"{file.Path} left no manifest.");
                table.AddRow(
                    Markup.Escape(file.Name),
                    $"{e.Seconds:0.0}",
                    $"{came.Effort.Seconds:0.0}",
                    $"{e.Seconds / Math.Max(1e-3, came.Effort.Seconds):0.00}",
                    $"{e.Nuclei}",
                    $"{came.Counts.Nuclei}",
                    $"{e.OutputBytes * 1e-6:0.0}",
                    $"{came.Outputs.Sum(o => o.Bytes) * 1e-6:0.0}");
                foreach (var result in Directory.GetFiles(folder.FullName))
                {
                    File.Delete(result);
                }
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        HoverFastCommand.Screen.Write(table);
    }

    private static void Row(Table table, string name, SlideEstimate e, string note) =>
        table.AddRow(Markup.Escape(name), $"{e.TissueArea:0.00}", $"{e.Tiles}", $"{e.Nuclei}", TimeSpan.FromSeconds(Math.Ceiling(e.Seconds)).ToString(@"d\.hh\:mm\:ss"), $"{e.OutputBytes * 1e-6:0.0}", Markup.Escape(note));

    /// <summary>Writes the sample as segmenting would, and tells how long it became.</summary>
    private sealed class Sample(string path, IReadOnlyList<MeasurementName> names) : INucleusSink
    {
        private NucleusWriter? _writer;

        public long Nuclei { get; private set; }

        public long Bytes { get; private set; }

        public void Open(SlideContext context) => _writer = new NucleusWriter([new GeoJsonOutput(path, names)], Convert.FromHexString(context.Key));

        public void Write(TileResult tile) => _writer!.Write(tile);

        public void Complete()
        {
            _writer!.Complete();
            Nuclei = _writer.Counts.Written;
            Bytes = new FileInfo(path).Length;
        }

        public void Dispose() => _writer?.Dispose();
    }
}
