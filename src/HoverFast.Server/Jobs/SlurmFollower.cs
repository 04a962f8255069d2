using System.Collections.Frozen;
using System.Diagnostics;
using HoverFast.Cluster.Progress;
using HoverFast.Cluster.Slurm;
using HoverFast.Jobs;
using HoverFast.Server.Hosting;

namespace HoverFast.Server.Jobs;

/// <summary>Follows the jobs that Slurm has: what their files tell becomes the state of the server's jobs.</summary>
internal sealed class SlurmFollower(ServerOptions options, JobStore jobs, NewResults results, ILogger<SlurmFollower> logger)
{
    /// <summary>Jobs done before, by which the pace is told.</summary>
    private const int Before = 100;

    /// <summary>Looks, one after the other, in which Slurm has a job no more that is not done: files may be seen late over a network.</summary>
    private const int MostMissed = 2;

    /// <summary>Looking takes at most a fifth of the time.</summary>
    private const int Rest = 5;
    private static readonly TimeSpan _looks = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _asksSlurm = TimeSpan.FromSeconds(10);

    private readonly Dictionary<long, int> _missed = [];
    private long _asked = Stopwatch.GetTimestamp();

    /// <summary>How far the jobs are, by their numbers.</summary>
    public IReadOnlyDictionary<long, JobProgress> Progress { get; private set; } = FrozenDictionary<long, JobProgress>.Empty;

    /// <summary>Looks now and then, until it is stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            try
            {
                await Task.Run(() => LookAsync(stop), stop);
            }
#pragma warning disable CA1031 // A file server that is away, for example: the next look may do.
            catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
            {
                logger.LogWarning(e, "The jobs' folders can't be read.");
            }

            await Task.Delay(TimeSpan.FromTicks(Math.Max(_looks.Ticks, Rest * Stopwatch.GetElapsedTime(start).Ticks)), stop);
        }
    }

    private async Task LookAsync(CancellationToken stop)
    {
        var open = new List<(Job Job, JobFolder Folder)>();
        foreach (var job in jobs.Unfinished().Where(j => j.Folder is not null))
        {
            var folder = new JobFolder(job.Folder!);
            if (!Directory.Exists(folder.Path))
            {
                End(job, JobState.Failed, "Its folder on the cluster was removed; start it again.");
            }
            else if (folder.SlurmId is not null)
            {
                open.Add((job, folder));
            }
        }

        if (open.Count == 0)
        {
            Progress = FrozenDictionary<long, JobProgress>.Empty;
            return;
        }

        var names = open.Select(o => o.Job.Name).ToHashSet(StringComparer.Ordinal);
        var done = jobs.DoneByCluster(Before).Where(j => !names.Contains(j.Name) && Directory.Exists(j.Folder)).Select(j => new JobFolder(j.Folder!));
        var state = ClusterState.Read(options.Results, [.. open.Select(o => o.Folder), .. done]);
        var slides = state.Slides.ToDictionary(s => s.Name, StringComparer.Ordinal);
        var cpus = state.Jobs.ToDictionary(j => j.Folder.Path, j => j.Plan.Request.Cpus, StringComparer.Ordinal);
        var left = await LeftAsync(state, stop);
        var pace = new JobPace(state.SlidesPerHour, state.Left?.TotalSeconds);
        var progress = new Dictionary<long, JobProgress>();
        foreach (var (job, folder) in open)
        {
            if (!await EndedAsync(job, folder, slides[job.Name], left, stop))
            {
                progress[job.Id] = Describe(folder, slides[job.Name], cpus[folder.Path], pace);
            }
        }

        Progress = progress;
    }

    /// <summary>Writes down what has become of a job.</summary>
    /// <returns>Whether it has ended.</returns>
    private async Task<bool> EndedAsync(Job job, JobFolder folder, ClusterSlideState slide, IReadOnlySet<string>? left, CancellationToken stop)
    {
        switch (slide.State)
        {
            case SlideProgressState.Done:
                End(job, JobState.Done, message: null, Manifest.TryRead(Manifest.PathFor(options.Results, job.Name))?.Counts.Nuclei ?? 0);
                return true;
            case SlideProgressState.Failed:
                End(job, JobState.Failed, Sentence(slide));
                return true;
            case SlideProgressState.Running:
                jobs.Move(job.Id, JobState.Waiting, JobState.Running);
                break;
        }

        if (left is not null)
        {
            _missed[job.Id] = left.Contains(job.Name) ? _missed.GetValueOrDefault(job.Id) + 1 : 0;
            if (_missed[job.Id] >= MostMissed)
            {
                var said = await ClusterJobs.StateInSlurmAsync(folder, stop);
                End(
                    job,
                    JobState.Failed,
                    $"Slurm's job {folder.SlurmId} ended before the slide was done{(said is null ? "" : $" ({said})")}: what it printed lies in cluster/"
                        + $"{folder.Name}/logs of the results. Starting it again goes on from the finished tiles.");
                return true;
            }
        }

        return false;
    }

    /// <summary>The slides that Slurm is not going to do any more; null where it was not asked, or does not answer.</summary>
    private async Task<IReadOnlySet<string>?> LeftAsync(ClusterState state, CancellationToken stop)
    {
        if (Stopwatch.GetElapsedTime(_asked) < _asksSlurm)
        {
            return null;
        }

        _asked = Stopwatch.GetTimestamp();
        try
        {
            return (await ClusterJobs.LeftAsync(state, stop)).Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        }
        catch (IOException e)
        {
            logger.LogWarning(e, "Slurm does not answer.");
            return null;
        }
    }

    private void End(Job job, JobState state, string? message, long nuclei = 0)
    {
        _missed.Remove(job.Id);
        if (jobs.Move(job.Id, JobState.Running, state, message, nuclei) || jobs.Move(job.Id, JobState.Waiting, state, message, nuclei))
        {
            results.Changed(state == JobState.Done ? job.Name : null);
        }
    }

    private static JobProgress Describe(JobFolder folder, ClusterSlideState slide, int cpus, JobPace pace)
    {
        var isRunning = slide.State == SlideProgressState.Running;
        return new JobProgress
        {
            Place = isRunning && slide.Host is { } host ? $"Slurm {folder.SlurmId} on {host}" : $"Slurm {folder.SlurmId}",

            // Of one that takes longer than estimated nothing is known.
            SecondsLeft = isRunning && slide.Began is { } began
                && (slide.ExpectedCoreSeconds / cpus) - (DateTimeOffset.UtcNow - began).TotalSeconds is > 0 and var left
                ? left
                : null,
            Batch = pace,
        };
    }

    // Pages show no paths.
    private static string Sentence(ClusterSlideState slide)
    {
        var error = slide.Error ?? "It could not be done.";
        error = error.StartsWith(slide.Path + ": ", StringComparison.Ordinal) ? error[(slide.Path.Length + 2)..] : error;
        return error.Contains('/', StringComparison.Ordinal) || error.Contains('\\', StringComparison.Ordinal)
            ? $"{slide.Name} can't be done; 'hoverfast cluster status' tells why."
            : error;
    }
}
