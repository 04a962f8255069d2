using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using HoverFast.Cluster.Progress;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Pipeline;
using HoverFast.Slides;
using HoverFast.Tissue;

namespace HoverFast.Cluster.Slurm;

/// <summary>Plans a job: looks at every input, estimates its time, packs tasks, and writes all that into a folder.</summary>
/// <param name="segmenter">The network and settings, as tasks will have them; the estimate is made with it on this machine.</param>
/// <param name="results">The folder of the results.</param>
public sealed class ClusterPlanner(SlideSegmenter segmenter, string results)
{
    /// <summary>Slides of each ending that are measured, and the seconds after which no other is begun.</summary>
    private const int SamplePerEnding = 4;
    private const double LongestSampling = 60;

    /// <summary>What a time limit is, where none is given, as a multiple of what is estimated; and the least.</summary>
    private const double TimeMargin = 3;
    private const int LeastMinutes = 15;

    /// <summary>Threads that open inputs at once: most of their time is a file server's.</summary>
    private const int Openers = 16;

    private readonly string _results = Path.GetFullPath(results);

    /// <summary>The command that starts the program on a node.</summary>
    public required string Program { get; init; }

    /// <summary>Options of <c>hoverfast segment</c> that tasks are run with.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Price of a core hour; null for none.</summary>
    public double? Price { get; init; }

    /// <summary>Plans inputs; nothing is submitted.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="calibrator">Settles their pixel sizes.</param>
    /// <param name="request">What is asked of Slurm.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <returns>The job's folder and plan.</returns>
    /// <exception cref="IOException">No input can be done, the folder can't be written, or there would be too many tasks.</exception>
    public async Task<(JobFolder Job, ClusterPlan Plan)> PlanAsync(
        IReadOnlyList<SlideInput> inputs,
        SlideCalibrator calibrator,
        SlurmRequest request,
        CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(request);
        var problems = Check(inputs, calibrator, cancellation);
        var refused = inputs.Zip(problems)
            .Where(p => p.Second.Problem is not null)
            .Select(p => new RefusedSlide(p.First.Name, Path.GetFullPath(p.First.Path), p.Second.Problem!))
            .ToList();
        var good = inputs.Zip(problems).Where(p => p.Second.Problem is null).Select(p => (p.First.Name, Path: FullPath(p.First.Path), p.Second.Bytes)).ToList();
        if (good.Count == 0)
        {
            throw new IOException(
                refused.Count > 0 ? $"none of {refused.Count} inputs can be done. {refused[0].Path}: {refused[0].Problem}" : "there is nothing to do.");
        }

        var (times, words) = await MeasureAsync([.. good.Select(g => (g.Path, g.Bytes))], request.Cpus, calibrator, cancellation);
        var seconds = good.Select(g => times.Of(g.Path, g.Bytes) / request.Cpus).ToList();
        var tasks = TaskPacking.Pack(seconds, request, await SlurmProgram.MostTasksAsync(cancellation));
        var slides = good.Zip(seconds, tasks)
            .Select(s => new ClusterSlide(s.Third, s.First.Name, s.First.Path, s.First.Bytes, Math.Round(s.Second, 3)))
            .OrderBy(s => s.Task)
            .ThenByDescending(s => s.Seconds)
            .ToList();
        var longest = slides.GroupBy(s => s.Task).Max(g => g.Sum(s => s.Seconds));
        var time = request.Time is null
            ? TimeSpan.FromMinutes(Math.Max(LeastMinutes, Math.Ceiling(longest * TimeMargin / 60)))
            : SlurmRequest.ParseTime(request.Time) ?? throw new ArgumentException("No time.", nameof(request));
        var plan = new ClusterPlan
        {
            Versions = await VersionsAsync(cancellation),
            Model = $"{segmenter.Model.Card.Name} {segmenter.Model.Card.Version}, SHA-256 {segmenter.Model.Card.Sha256}",
            Created = DateTimeOffset.UtcNow,
            Results = _results,
            Program = Program,
            Arguments = Arguments,
            Request = request with { Time = request.Time ?? Minutes(time), Memory = request.Memory ?? Memory(request.Cpus) },
            Tasks = tasks.Max() + 1,
            Slides = slides.Count,
            Bytes = slides.Sum(s => s.Bytes),
            Seconds = Math.Round(slides.Sum(s => s.Seconds), 1),
            LongestTask = Math.Round(longest, 1),
            Estimate = words,
            Price = Price,
            Refused = refused,
        };
        var job = JobFolder.Create(_results);
        job.Write(plan, slides, SlurmScript.Text(plan, job, time));
        return (job, plan);
    }

    /// <summary>What sbatch says of its version; null where this machine has no Slurm.</summary>
    /// <exception cref="IOException">It is installed and does not work; the message holds what it said.</exception>
    public static async Task<string?> SlurmVersionAsync(CancellationToken cancellation) =>
        (await SlurmProgram.TryRunAsync("sbatch", ["--version"], cancellation))?.Trim();

    /// <summary>Gives a job to Slurm.</summary>
    /// <returns>Slurm's number.</returns>
    /// <exception cref="IOException">Slurm is not there or refuses it; the message holds what it said.</exception>
    public static async Task<string> SubmitAsync(JobFolder job, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);
        var said = await SlurmProgram.TryRunAsync("sbatch", ["--parsable", job.Script], cancellation)
            ?? throw new IOException(
                $"sbatch is not there, so nothing was submitted. The plan is whole: where Slurm is, run 'sbatch {job.Script}'. Without Slurm, "
                    + $"'hoverfast segment --shard K/N' does a share.");

        // The number, and the cluster's name where there are several.
        var id = said.Trim().Split(';')[0];
        job.WriteSubmitted(id);
        return id;
    }

    private static string FullPath(string path) => path.Contains("://", StringComparison.Ordinal) ? path : Path.GetFullPath(path);

    private static string Minutes(TimeSpan time) => ((int)Math.Ceiling(time.TotalMinutes)).ToString(CultureInfo.InvariantCulture);

    /// <summary>Megabytes with a margin: the plan for memory is right within a factor of two.</summary>
    private string Memory(int cpus)
    {
        const int Step = 256;
        var bytes = 1.5 * MemoryPlan.For(segmenter.Model, segmenter.Settings with { Threads = cpus }).Expected;
        return string.Create(CultureInfo.InvariantCulture, $"{((int)Math.Ceiling(bytes / (Step << 20)) * Step) + Step}M");
    }

    /// <summary>Opens every input, as tasks will: what is wrong is said now.</summary>
    private (long Bytes, string? Problem)[] Check(IReadOnlyList<SlideInput> inputs, SlideCalibrator calibrator, CancellationToken cancellation)
    {
        var found = new (long Bytes, string? Problem)[inputs.Count];
        var parts = Partitioner.Create(0, inputs.Count, Math.Max(1, Math.Min(64, inputs.Count / Openers)));
        Parallel.ForEach(parts, new ParallelOptions { MaxDegreeOfParallelism = Openers, CancellationToken = cancellation }, range =>
        {
            for (var i = range.Item1; i < range.Item2; i++)
            {
                found[i] = Check(inputs[i].Path, calibrator);
            }
        });
        return found;
    }

    private (long Bytes, string? Problem) Check(string path, SlideCalibrator calibrator)
    {
        try
        {
            using var slide = Slide.Open(path);
            calibrator.Resolve(slide);
            return segmenter.Settings.MaskFolder is { } masks && MaskImage.Find(masks, path) is null
                ? (0, $"has no mask in {masks}; call it {Path.GetFileNameWithoutExtension(path)}.png.")
                : (Slide.FilesOf(path).Where(RegularFile.Exists).Sum(RegularFile.LengthOf), null);
        }
        catch (SlideException e)
        {
            return (0, e.Problem);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (0, e.Message);
        }
    }

    /// <summary>Times from what earlier jobs took where there are enough of them, else from a sample that is segmented in part, here and now.</summary>
    private async Task<(SlideTimes Times, string Words)> MeasureAsync(
        IReadOnlyList<(string Path, long Bytes)> slides,
        int cpus,
        SlideCalibrator calibrator,
        CancellationToken cancellation)
    {
        const int Enough = 8;
        var before = ClusterState.Read(_results).Measured;
        if (before.Count >= Enough)
        {
            return (new SlideTimes(before), $"from {before.Count} slides that are done");
        }

        var threads = Math.Min(cpus, ThreadCount.Available);
        using var sampler = new SlideSegmenter(segmenter.Model, segmenter.Settings with { Threads = threads }, calibrator);
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        var measured = new List<(string, long, double)>();
        foreach (var i in SlideTimes.Sample(slides, SamplePerEnding))
        {
            if (measured.Count > 0 && System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds > LongestSampling)
            {
                break;
            }

            try
            {
                measured.Add((slides[i].Path, slides[i].Bytes, threads * (await sampler.EstimateAsync(slides[i].Path, cancellation)).Seconds));
            }
            catch (Exception e) when (e is SlideException or IOException)
            {
                // Its task will tell.
            }
        }

        return (new SlideTimes(measured), $"from parts of {measured.Count} slides on this machine, {threads} threads");
    }

    private static async Task<IReadOnlyDictionary<string, string>> VersionsAsync(CancellationToken cancellation)
    {
        var versions = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["hoverfast"] = Manifest.ProgramVersion(),
            ["runtime"] = RuntimeInformation.FrameworkDescription,
            ["system"] = RuntimeInformation.OSDescription,
        };
        try
        {
            if (await SlurmVersionAsync(cancellation) is { } slurm)
            {
                versions["slurm"] = slurm;
            }
        }
        catch (IOException)
        {
            // Installed and not set up; sbatch itself will say so.
        }

        return versions;
    }
}
