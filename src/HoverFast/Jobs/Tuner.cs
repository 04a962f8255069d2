using System.Diagnostics;
using HoverFast.Files;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Pipeline;
using HoverFast.Slides;

namespace HoverFast.Jobs;

/// <summary>
/// Finds what this machine does best with: first the model's precision and engine, then the tile size, then the threads, each on the same
/// slide, for a few seconds.
/// </summary>
/// <param name="Slide">The slide to measure on; dense tissue.</param>
/// <param name="Threads">The most threads.</param>
/// <param name="MostMemory">Bytes of memory that the process may come to hold.</param>
/// <param name="SecondsPerTrial">How long a combination is measured.</param>
public sealed record Tuner(string Slide, int Threads, long MostMemory, double SecondsPerTrial)
{
    /// <summary>What a combination must gain to be taken instead of a plainer one: less is noise.</summary>
    private const double WorthIt = 1.05;

    /// <summary>Seconds after which no other combination is begun.</summary>
    private const double LongestSeconds = 50;

    // Of the size that the model suggests.
    private static readonly double[] _tileSizes = [1, 0.5, 0.75, 1.5];

    private readonly List<TuningTrial> _trials = [];
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Measures, and tells of each trial.</summary>
    public async Task<Tuning> RunAsync(Action<TuningTrial> tell, CancellationToken cancellation)
    {
        // The order is that of preference: what comes first is left only for what is clearly faster.
        (string Model, bool OnnxRuntime)[] networks =
        [
            (NucleusModel.DefaultName, false),
            (NucleusModel.DefaultName, true),
            (NucleusModel.DefaultFor(ComputeDevice.Cuda), true),
        ];
        var best = await FastestAsync(networks.Select(n => new Candidate(n.Model, n.OnnxRuntime, Threads, 0)), rounds: 1);
        var suggested = best.Candidate.TileSize;

        // Twice, since what is measured first on a cold machine comes out slow.
        best = await FastestAsync(_tileSizes.Select(part => best.Candidate with { TileSize = (int)(suggested * part) }), rounds: 2);

        // Cores that share their units gain little from each other.
        if (Threads >= 4)
        {
            best = await FastestAsync([best.Candidate, best.Candidate with { Threads = Threads / 2 }], rounds: 1);
        }

        return new Tuning
        {
            Machine = Tuning.ThisMachine,
            Measured = DateTimeOffset.UtcNow,
            Model = best.Candidate.Model,
            OnnxRuntime = best.Candidate.OnnxRuntime,
            Threads = best.Candidate.Threads,
            TileSize = best.Candidate.TileSize,
            SquareMillimetresPerSecond = best.Rate,
            Trials = _trials,
        };

        async Task<(Candidate Candidate, double Rate)> FastestAsync(IEnumerable<Candidate> some, int rounds)
        {
            var candidates = some.ToArray();
            var rates = new double[candidates.Length];
            for (var i = 0; i < rounds * candidates.Length; i++)
            {
                var c = i % candidates.Length;
                if (i > 0 && Stopwatch.GetElapsedTime(_start).TotalSeconds > LongestSeconds)
                {
                    break;
                }

                var trial = await MeasureAsync(candidates[c], cancellation);
                _trials.Add(trial);
                tell(trial);
                candidates[c] = candidates[c] with { TileSize = trial.TileSize };

                // The first of all stands even if it takes too much memory: something must.
                var fits = trial.PeakMemoryBytes <= MostMemory || c == 0;
                rates[c] = fits ? Math.Max(rates[c], trial.SquareMillimetresPerSecond) : rates[c];
            }

            var fastest = 0;
            for (var c = 1; c < rates.Length; c++)
            {
                fastest = rates[c] > WorthIt * rates[fastest] ? c : fastest;
            }

            return (candidates[fastest], rates[fastest]);
        }
    }

    private async Task<TuningTrial> MeasureAsync(Candidate candidate, CancellationToken cancellation)
    {
        var (name, onnxRuntime, threads, tileSize) = candidate;
        using var model = NucleusModel.LoadBuiltIn(name, onnxRuntime: onnxRuntime);
        tileSize = tileSize > 0 ? tileSize : model.SuggestedTileSize;
        var settings = new SegmentSettings { Threads = threads, TileSize = tileSize, Measurements = MeasurementChoice.Basic, Budget = TimeSpan.Zero };
        using var folder = new ScratchFolder("tune");
        var job = new SlideJob(new SlideInput(Slide, "tune"), new ResultFolder(folder.Path, ResultOptions.ForMeasuring));

        // Once before, so that compiling and allocating don't count.
        await SegmentAsync(settings);
        var report = await SegmentAsync(settings with { Budget = TimeSpan.FromSeconds(SecondsPerTrial) });
        return new TuningTrial(name, model.Engine, threads, tileSize, report.AreaPerSecond, PeakMemory.Bytes);

        async Task<SlideReport> SegmentAsync(SegmentSettings how)
        {
            var outcome = await job.RunAsync(model, how, new SlideCalibrator(), progress: null, cancellation);
            return outcome.Report ?? throw new InvalidOperationException("A forced job was kept.");
        }
    }

    private readonly record struct Candidate(string Model, bool OnnxRuntime, int Threads, int TileSize);
}
