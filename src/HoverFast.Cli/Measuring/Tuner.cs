using System.Diagnostics;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Output;
using HoverFast.Pipeline;

namespace HoverFast.Cli.Measuring;

/// <summary>
/// Finds what this machine does best with: first the model's precision and engine, then the tile size, then the threads, each on the same
/// slide, for a few seconds.
/// </summary>
/// <param name="Slide">The slide to measure on; dense tissue.</param>
/// <param name="Threads">The most threads.</param>
/// <param name="MostMemory">Bytes of memory that the process may come to hold.</param>
/// <param name="SecondsPerTrial">How long a combination is measured.</param>
internal sealed record Tuner(string Slide, int Threads, long MostMemory, double SecondsPerTrial)
{
    /// <summary>What a combination must gain to be taken instead of a plainer one: less is noise.</summary>
    private const double WorthIt = 1.05;

    /// <summary>Seconds after which no other combination is begun.</summary>
    private const double LongestSeconds = 50;

    // Of the size that the model suggests.
    private static readonly double[] _tileSizes = [0.5, 0.75, 1.5];

    private readonly List<TuningTrial> _trials = [];
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Measures, and tells of each trial.</summary>
    public async Task<Tuning> RunAsync(Action<TuningTrial> tell, CancellationToken cancellation)
    {
        (string Model, bool OnnxRuntime)[] networks = [(NucleusModel.DefaultName, false), (NucleusModel.DefaultName, true), (NucleusModel.DefaultFor(ComputeDevice.Cuda), true)];
        (string Model, bool OnnxRuntime, int Threads, int TileSize) best = (NucleusModel.DefaultName, false, Threads, 0);
        var rate = 0.0;
        foreach (var (model, onnxRuntime) in networks)
        {
            await TryAsync((model, onnxRuntime, Threads, 0));
        }

        var suggested = best.TileSize;
        foreach (var part in _tileSizes)
        {
            await TryAsync(best with { TileSize = (int)(suggested * part) });
        }

        // Cores that share their units gain little from each other.
        if (Threads >= 4)
        {
            await TryAsync(best with { Threads = Threads / 2 });
        }

        return new Tuning
        {
            Machine = Tuning.ThisMachine,
            Measured = DateTimeOffset.UtcNow,
            Model = best.Model,
            OnnxRuntime = best.OnnxRuntime,
            Threads = best.Threads,
            TileSize = best.TileSize,
            SquareMillimetresPerSecond = rate,
            Trials = _trials,
        };

        async Task TryAsync((string Model, bool OnnxRuntime, int Threads, int TileSize) candidate)
        {
            if (rate > 0 && Stopwatch.GetElapsedTime(_start).TotalSeconds > LongestSeconds)
            {
                return;
            }

            var trial = await MeasureAsync(candidate.Model, candidate.OnnxRuntime, candidate.Threads, candidate.TileSize, cancellation);
            _trials.Add(trial);
            tell(trial);
            if (rate == 0 || (trial.SquareMillimetresPerSecond > WorthIt * rate && trial.PeakMemoryBytes <= MostMemory))
            {
                (best, rate) = (candidate with { TileSize = trial.TileSize }, trial.SquareMillimetresPerSecond);
            }
        }
    }

    private async Task<TuningTrial> MeasureAsync(string name, bool onnxRuntime, int threads, int tileSize, CancellationToken cancellation)
    {
        using var model = NucleusModel.LoadBuiltIn(name, onnxRuntime: onnxRuntime);
        tileSize = tileSize > 0 ? tileSize : model.SuggestedTileSize;
        var settings = new SegmentSettings { Threads = threads, TileSize = tileSize, Measurements = MeasurementChoice.Basic, Budget = TimeSpan.Zero };
        var folder = Directory.CreateTempSubdirectory("hoverfast-tune-");
        try
        {
            // Once before, so that compiling and allocating don't count.
            await SegmentAsync(settings with { TilesUnderWay = threads });
            var report = await SegmentAsync(settings with { Budget = TimeSpan.FromSeconds(SecondsPerTrial) });
            return new TuningTrial(name, model.Engine, threads, tileSize, report.AreaPerSecond, PeakMemory.Bytes);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        async Task<SlideReport> SegmentAsync(SegmentSettings how)
        {
            var names = NucleusMeasurements.NamesOf(how.Measurements, how.Stain);
            var report = await new SlideSegmenter(model, how).SegmentAsync(
                Slide,
                Path.Combine(folder.FullName, "tune.journal"),
                context => [new NucleusWriter([new GeoJsonOutput(Path.Combine(folder.FullName, "tune.geojson.gz"), names)], Convert.FromHexString(context.Key))],
                cancellation: cancellation);
            return report!;
        }
    }
}
