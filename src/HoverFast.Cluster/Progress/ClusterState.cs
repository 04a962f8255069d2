using HoverFast.Cluster.Batches;
using HoverFast.Cluster.Slurm;
using HoverFast.Jobs;

namespace HoverFast.Cluster.Progress;

/// <summary>
/// How far all jobs of a folder of results are, from files alone: the plans, the events that each run of a task writes into a file of its own, and the names of
/// manifests and locks. Only of slides whose last run failed a manifest is opened, so that ten thousand are told in a second or two, from any machine that sees
/// the folder.
/// </summary>
public sealed class ClusterState
{
    /// <summary>How long a run may take between beginning a slide and having its lock, as others see it over a network.</summary>
    private static readonly TimeSpan _opening = TimeSpan.FromMinutes(1);

    private ClusterState(
        IReadOnlyList<(JobFolder Folder, ClusterPlan Plan)> jobs,
        IReadOnlyList<ClusterSlideState> slides,
        DateTimeOffset? first,
        DateTimeOffset now)
    {
        Jobs = jobs;
        Slides = slides;
        Began = first;
        LookedAt = now;
    }

    /// <summary>The jobs that were submitted, or begun otherwise, the oldest first, with their plans.</summary>
    public IReadOnlyList<(JobFolder Folder, ClusterPlan Plan)> Jobs { get; }

    /// <summary>All slides of all plans, by name.</summary>
    public IReadOnlyList<ClusterSlideState> Slides { get; }

    /// <summary>When the first slide was begun; null where none was.</summary>
    public DateTimeOffset? Began { get; }

    /// <summary>Core seconds of slides that were done from beginning to end by one run.</summary>
    internal IReadOnlyList<(string Path, long Bytes, double CoreSeconds)> Measured =>
    [
        .. Slides.Where(s => s is { State: SlideProgressState.Done, CoreSeconds: > 0, WasResumed: false })
            .Select(s => (s.Path, s.Bytes, s.CoreSeconds!.Value)),
    ];

    private DateTimeOffset LookedAt { get; }

    /// <summary>How many slides are so far.</summary>
    public int Count(SlideProgressState state) => Slides.Count(s => s.State == state);

    /// <summary>Tissue of a core hour in mm2, over the slides that jobs have done; null where none are.</summary>
    public double? TissuePerCoreHour => Slides.Sum(s => s.CoreSeconds ?? 0) is var spent and > 0 ? Slides.Sum(s => s.Tissue ?? 0) / spent * 3600 : null;

    /// <summary>
    /// Slides an hour, over the time of the last hour (or since the beginning) in which any was under way: a pause says nothing of the pace. Null where none
    /// are done.
    /// </summary>
    public double? SlidesPerHour
    {
        get
        {
            var ended = Slides.Where(s => s.Ended is not null).Select(s => s.Ended!.Value).ToList();
            if (Began is not { } began || ended.Count == 0)
            {
                return null;
            }

            // What stood still for long says nothing of the next hour.
            var until = Count(SlideProgressState.Running) > 0 ? LookedAt : ended.Max();
            var since = until - TimeSpan.FromHours(1) is var hour && hour > began ? hour : began;
            return ended.Count(e => e >= since) / Math.Max(1.0 / 3600, UnderWay(since, until).TotalHours);
        }
    }

    /// <summary>The time between two moments in which any slide was under way.</summary>
    private TimeSpan UnderWay(DateTimeOffset since, DateTimeOffset until)
    {
        var running = Slides.Where(s => s is { State: SlideProgressState.Running, Began: not null }).Select(s => (From: s.Began!.Value, To: until));
        var (total, reached) = (TimeSpan.Zero, since);
        foreach (var (from, to) in Slides.SelectMany(s => s.UnderWay).Concat(running).OrderBy(s => s.From))
        {
            // What lies before that moment is counted already, or lies before the first.
            var (begin, end) = (from > reached ? from : reached, to < until ? to : until);
            if (end > begin)
            {
                total += end - begin;
                reached = end;
            }
        }

        return total;
    }

    /// <summary>Time until all is done at the pace of the last hour, slides weighed by what they should take; null where that can't be told.</summary>
    public TimeSpan? Left
    {
        get
        {
            var left = Slides.Where(s => s.State is SlideProgressState.Waiting or SlideProgressState.Running or SlideProgressState.Interrupted).ToList();
            var done = Slides.Where(s => s.Ended is not null).ToList();
            if (left.Count == 0)
            {
                return TimeSpan.Zero;
            }

            if (SlidesPerHour is not ({ } rate and > 0) || done.Sum(s => s.ExpectedCoreSeconds) is not (var expected and > 0))
            {
                return null;
            }

            return TimeSpan.FromHours(Math.Min(1e6, left.Sum(s => s.ExpectedCoreSeconds) / (expected / done.Count) / rate));
        }
    }

    /// <summary>Reads it.</summary>
    /// <param name="results">The folder of the results.</param>
    /// <exception cref="IOException">A plan can't be read.</exception>
    public static ClusterState Read(string results) => Read(results, JobFolder.Of(results));

    /// <summary>Reads how far some of the jobs are; what others did to the same slides doesn't count, but for results that stand.</summary>
    /// <param name="results">The folder of the results.</param>
    /// <param name="folders">The jobs.</param>
    /// <exception cref="IOException">A plan can't be read.</exception>
    public static ClusterState Read(string results, IReadOnlyList<JobFolder> folders)
    {
        ArgumentNullException.ThrowIfNull(folders);
        var now = DateTimeOffset.UtcNow;
        var jobs = folders
            .Where(j => j.SlurmId is not null || Directory.EnumerateFiles(j.Events).Any())
            .Select(j => (Folder: j, Plan: j.ReadPlan()))
            .ToList();
        var (manifests, locks) = NamesIn(results);
        var histories = new Dictionary<string, SlideHistory>(StringComparer.Ordinal);
        foreach (var (folder, plan) in jobs)
        {
            var id = folder.SlurmId;
            foreach (var slide in folder.ReadSlides())
            {
                var history = Of(slide.Name);
                history.Plan(slide, plan.Request.Cpus);
                if (id is not null)
                {
                    history.Tasks.Add((id, slide.Task));
                }
            }

            foreach (var refused in plan.Refused)
            {
                Of(refused.Name).Refuse(refused, plan.Created);
            }
        }

        DateTimeOffset? first = null;
        foreach (var (folder, _) in jobs)
        {
            foreach (var what in EventsIn(folder.Events))
            {
                first = first is { } earlier && earlier < what.At ? earlier : what.At;
                if (histories.TryGetValue(what.Slide, out var history))
                {
                    history.Add(what);
                }
            }
        }

        var slides = histories.OrderBy(h => h.Key, StringComparer.Ordinal)
            .Select(h => h.Value.State(h.Key, manifests.Contains(h.Key), IsUnderWay, FinishedOf))
            .ToList();
        return new ClusterState(jobs, slides, first, now);

        SlideHistory Of(string name) => histories.TryGetValue(name, out var history) ? history : histories[name] = new SlideHistory();

        DateTimeOffset? FinishedOf(string name) => Manifest.TryRead(Manifest.PathFor(results, name))?.Finished;

        bool IsUnderWay(string name, SlideEvent begun) =>
            locks.Contains(name) ? ResultLock.IsHeld(Path.Combine(results, name + ".lock"))
            : begun.Host == Environment.MachineName ? LockOwner.IsAlive(begun.Process) && now - begun.At < _opening
            : now - begun.At < _opening;
    }

    private static (HashSet<string> Manifests, HashSet<string> Locks) NamesIn(string results)
    {
        const string LockEnding = ".lock";
        var (manifests, locks) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        foreach (var path in Directory.Exists(results) ? Directory.EnumerateFiles(results) : [])
        {
            var name = Path.GetFileName(path);
            if (name.EndsWith(Manifest.Ending, StringComparison.Ordinal))
            {
                manifests.Add(Manifest.NameOf(name));
            }
            else if (name.EndsWith(LockEnding, StringComparison.Ordinal))
            {
                locks.Add(name[..^LockEnding.Length]);
            }
        }

        return (manifests, locks);
    }

    private static IEnumerable<SlideEvent> EventsIn(string folder)
    {
        foreach (var path in Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*.jsonl") : [])
        {
            byte[] bytes;
            try
            {
                bytes = File.ReadAllBytes(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A file server that is away for a moment; manifests still tell what is done.
                continue;
            }

            for (var at = 0; at < bytes.Length;)
            {
                var end = Array.IndexOf(bytes, (byte)'\n', at);
                end = end < 0 ? bytes.Length : end;
                if (SlideEvent.TryParse(bytes.AsSpan(at..end)) is { } what)
                {
                    yield return what;
                }

                at = end + 1;
            }
        }
    }
}
