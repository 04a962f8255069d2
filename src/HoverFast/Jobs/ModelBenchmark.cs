using System.Diagnostics;
using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;

namespace HoverFast.Jobs;

/// <summary>Measures models the whole way from the slide to GeoJSON, warm-up excluded.</summary>
/// <param name="Slide">The slide.</param>
/// <param name="Mpp">Its pixel size, where the file states none.</param>
/// <param name="Threads">Threads; at least 1.</param>
/// <param name="BudgetSeconds">Seconds after which a model begins no more tiles.</param>
/// <param name="Device">Where the networks run.</param>
public sealed record ModelBenchmark(string Slide, Mpp? Mpp, int Threads, double BudgetSeconds, ComputeDevice Device)
{
    /// <summary>Measures one model. The peak memory is right only where the process does nothing else.</summary>
    /// <param name="name">As <see cref="ModelCatalog.Load"/> takes it.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<BenchmarkResult> RunAsync(string name, CancellationToken cancellation)
    {
        using var model = ModelCatalog.Load(name, device: Device);
        return await RunAsync(model, name, cancellation);
    }

    /// <summary>Measures a model that is loaded, under a name.</summary>
    internal async Task<BenchmarkResult> RunAsync(NucleusModel model, string name, CancellationToken cancellation)
    {
        using var folder = new ScratchFolder("bench");
        var results = new ResultFolder(folder.Path, ResultOptions.ForMeasuring);

        // Everything is run once before: the runtime compiles, the engine allocates. A network of one input size needs no more than one patch for that.
        var settings = new SegmentSettings
        {
            Threads = Threads,
            TileSize = model.SuggestedTileSize,
            Measurements = MeasurementChoice.Basic,
            Budget = TimeSpan.Zero,
        };
        await SegmentAsync(model, model.Card.FixedInput is { } patch ? settings with { TileSize = patch } : settings, results, cancellation);
        settings = settings with { Budget = TimeSpan.FromSeconds(BudgetSeconds) };

        using var process = Process.GetCurrentProcess();
        var before = process.TotalProcessorTime;
        var energy = ProcessorEnergy.Begin();
        var (report, slide) = await SegmentAsync(model, settings, results, cancellation);
        var joules = energy?.Joules();
        process.Refresh();
        var cpu = (process.TotalProcessorTime - before).TotalSeconds;
        return new BenchmarkResult
        {
            Model = Path.GetFileName(name),
            Slide = Path.GetFileName(Slide),
            Network = BenchmarkResult.NetworkOf(model.Card),
            MultiplyAddsPerPixel = model.Card.MultiplyAddsPerPixel,
            Mpp = model.Card.Mpp,
            Precision = model.Card.Precision,
            Engine = model.Engine,
            Device = ExecutionProviders.NameOf(Device),
            Threads = Threads,
            SquareMillimetres = report.TissueArea,
            SlideSquareMillimetres = (double)slide.Bounds.Width * slide.Bounds.Height * slide.Mpp * slide.Mpp * 1e-6,
            IsPart = report.IsPart,
            Pixels = report.TissuePixels,
            Seconds = report.Seconds,
            CpuSeconds = cpu,
            Joules = joules,
            Nuclei = report.Nuclei,
            PeakMemoryBytes = report.PeakMemory,
            StageSeconds = report.StageSeconds,
        };
    }

    private async Task<(SlideReport Report, ManifestSlide Slide)> SegmentAsync(
        NucleusModel model,
        SegmentSettings settings,
        ResultFolder results,
        CancellationToken cancellation)
    {
        var job = new SlideJob(new SlideInput(Slide, "bench"), results);
        var outcome = await job.RunAsync(model, settings, new SlideCalibrator { Stated = Mpp }, progress: null, cancellation);
        return outcome is { Report: { } report, Manifest: { } manifest }
            ? (report, manifest.Slide)
            : throw new InvalidOperationException("A forced job was kept.");
    }
}
