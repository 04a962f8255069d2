using System.Diagnostics;
using System.Globalization;
using HoverFast.Cli.Commands;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Cli.Measuring;

/// <summary>Measures one model the whole way from the slide to GeoJSON, in this process or in one of its own.</summary>
internal sealed record ModelBench(string Slide, double? Mpp, int Threads, double BudgetSeconds, string Device)
{
    /// <summary>Seconds for a tile from which on no more tiles are begun than there are threads: the budget would be far overrun.</summary>
    private const double SlowTile = 3;

    /// <summary>Measures in this process. Its peak memory is right only where the process does nothing else.</summary>
    public async Task<BenchResult> RunAsync(string name, CancellationToken cancellation)
    {
        using var model = ModelCommand.Load(name, device: ExecutionProviders.Parse(Device));
        var folder = Directory.CreateTempSubdirectory("hoverfast-bench-");
        try
        {
            // Everything is run once before: the runtime compiles, the engine allocates. A network of one input size needs no more than one patch for that.
            var settings = new SegmentSettings { Threads = Threads, TileSize = model.SuggestedTileSize, Measurements = MeasurementChoice.Basic, Budget = TimeSpan.Zero, TilesUnderWay = Threads };
            var start = Stopwatch.GetTimestamp();
            await SegmentAsync(model, model.Card.FixedInput is { } patch ? settings with { TileSize = patch } : settings, folder.FullName, cancellation);
            var warmUp = Stopwatch.GetElapsedTime(start).TotalSeconds;
            settings = settings with { Budget = TimeSpan.FromSeconds(BudgetSeconds), TilesUnderWay = warmUp > SlowTile || model.Card.FixedInput is not null ? Threads : null };

            using var process = Process.GetCurrentProcess();
            var before = process.TotalProcessorTime;
            var report = await SegmentAsync(model, settings, folder.FullName, cancellation);
            process.Refresh();
            var cpu = (process.TotalProcessorTime - before).TotalSeconds;
            return new BenchResult
            {
                Model = Path.GetFileName(name),
                Network = BenchResult.NetworkOf(model.Card),
                MultiplyAddsPerPixel = model.Card.MultiplyAddsPerPixel,
                Mpp = model.Card.Mpp,
                Precision = model.Card.Precision,
                Engine = model.Engine,
                Device = Device,
                Threads = Threads,
                SquareMillimetres = report.TissueArea,
                IsPart = report.IsPart,
                Pixels = report.TissuePixels,
                Seconds = report.Seconds,
                CpuSeconds = cpu,
                Nuclei = report.Nuclei,
                PeakMemoryBytes = report.PeakMemory,
                StageSeconds = report.StageSeconds,
            };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Measures in a process of its own, so that its memory is this model's alone.</summary>
    /// <exception cref="IOException">The process failed; the message holds what it said.</exception>
    public async Task<BenchResult> RunApartAsync(string name, CancellationToken cancellation)
    {
        var json = Path.GetTempFileName();
        try
        {
            string[] arguments =
            [
                "bench", name, "--in-this-process", "--input", Slide, "--device", Device, "--json", json,
                "--threads", Threads.ToString(CultureInfo.InvariantCulture), "--budget", BudgetSeconds.ToString(CultureInfo.InvariantCulture),
                .. Mpp is { } mpp ? (string[])["--mpp", mpp.ToString("R", CultureInfo.InvariantCulture)] : [],
            ];
            await OwnProcess.RunAsync(arguments, cancellation);
            return BenchResult.Parse(await File.ReadAllTextAsync(json, cancellation)).Single();
        }
        finally
        {
            File.Delete(json);
        }
    }

    private async Task<SlideReport> SegmentAsync(NucleusModel model, SegmentSettings settings, string folder, CancellationToken cancellation)
    {
        var names = NucleusMeasurements.NamesOf(settings.Measurements, settings.Stain);
        var segmenter = new SlideSegmenter(model, settings, new SlideCalibrator { Stated = Mpp is { } mpp ? new Mpp(mpp) : null });
        var report = await segmenter.SegmentAsync(
            Slide,
            Path.Combine(folder, "bench.journal"),
            context => [new NucleusWriter([new GeoJsonOutput(Path.Combine(folder, "bench.geojson.gz"), names)], Convert.FromHexString(context.Key))],
            cancellation: cancellation);
        return report!;
    }
}
