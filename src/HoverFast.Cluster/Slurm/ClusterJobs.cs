using System.Globalization;
using HoverFast.Cluster.Batches;
using HoverFast.Cluster.Progress;
using HoverFast.Jobs;

namespace HoverFast.Cluster.Slurm;

/// <summary>What is done with jobs that exist: their tasks' shares, what is left of them, ending them.</summary>
public static class ClusterJobs
{
    /// <summary>The slides of a task, in the order in which it does them.</summary>
    /// <exception cref="IOException">The plan can't be read, or has no such task.</exception>
    public static IReadOnlyList<SlideInput> InputsOf(JobFolder job, int task)
    {
        ArgumentNullException.ThrowIfNull(job);
        SlideInput[] inputs = [.. job.ReadSlides().Where(s => s.Task == task).Select(s => new SlideInput(s.Path, s.Name))];
        return inputs.Length > 0 ? inputs : throw new IOException($"{job.Path} has no task {task}.");
    }

    /// <summary>Starts the file of events of a run of a task: each has its own, so that no two write one.</summary>
    public static SlideEventLog OpenLog(JobFolder job, int task)
    {
        ArgumentNullException.ThrowIfNull(job);
        return SlideEventLog.Create(
            Path.Combine(
                job.Events,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{task}-{DateTime.UtcNow:yyyyMMddHHmmss}-{Environment.MachineName}-{Environment.ProcessId}.jsonl")));
    }

    /// <summary>The slides that are not done, and that no task which waits or runs is going to do.</summary>
    /// <exception cref="IOException">Slurm does not answer.</exception>
    public static async Task<IReadOnlyList<SlideInput>> LeftAsync(ClusterState state, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(state);
        var queued = await SlurmProgram.QueuedAsync([.. state.Jobs.Select(j => j.Folder.SlurmId).OfType<string>()], cancellation);
        return
        [
            .. state.Slides
                .Where(
                    s => s.State is SlideProgressState.Failed or SlideProgressState.Interrupted or SlideProgressState.Waiting && !s.Tasks.Any(queued.Contains))
                .Select(s => new SlideInput(s.Path, s.Name)),
        ];
    }

    /// <summary>Looks whether Slurm has a job that is not noted as submitted, since who submitted it ended in between, and notes it.</summary>
    /// <returns>Whether it is noted now.</returns>
    /// <exception cref="IOException">Slurm does not answer.</exception>
    public static async Task<bool> FindSubmittedAsync(JobFolder job, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (job.SlurmId is null
            && await SlurmProgram.TryRunAsync(
                "squeue",
                ["--noheader", "--states=all", "--user=" + Environment.UserName, "--format=%F %o"],
                cancellation) is { } listing
            && NumberOf(job.Script, listing) is { } id)
        {
            job.WriteSubmitted(id);
        }

        return job.SlurmId is not null;
    }

    /// <summary>Slurm's number of the job that runs a script, the latest of several; null where none does.</summary>
    /// <param name="script">The script's path, whose folder is the job's own.</param>
    /// <param name="listing">Lines of number and command, as squeue tells them.</param>
    internal static string? NumberOf(string script, string listing) =>
        listing.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(l => l.Split(' ', 2))
            .Where(p => p is [_, var command] && command == script && long.TryParse(p[0], CultureInfo.InvariantCulture, out _))
            .MaxBy(p => long.Parse(p[0], CultureInfo.InvariantCulture))?[0];

    /// <summary>What Slurm calls the state of a job (RUNNING, TIMEOUT, OUT_OF_MEMORY ...), its first task's; null where it does not know it any more.</summary>
    public static async Task<string?> StateInSlurmAsync(JobFolder job, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(job);
        if (job.SlurmId is not { } id)
        {
            return null;
        }

        try
        {
            var states = await SlurmProgram.TryRunAsync("squeue", ["--noheader", "--states=all", "--array", "--format=%T", "--jobs=" + id], cancellation);
            return states?.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).FirstOrDefault();
        }
        catch (IOException)
        {
            // It ended long ago, or the controller is away.
            return null;
        }
    }

    /// <summary>Ends jobs: what waits never starts, what runs closes its journal.</summary>
    /// <returns>Slurm's numbers of the jobs that were ended.</returns>
    /// <exception cref="IOException">Slurm is not there, or refuses.</exception>
    public static async Task<IReadOnlyList<string>> CancelAsync(IReadOnlyList<JobFolder> jobs, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(jobs);

        // Also those that were cancelled: scancel may not have been heard.
        var open = jobs.Where(j => j.SlurmId is not null).ToList();
        var queued = await SlurmProgram.QueuedAsync([.. open.Select(j => j.SlurmId!)], cancellation);
        var ended = new List<string>();
        foreach (var job in open.Where(j => queued.Any(q => q.Job == j.SlurmId)))
        {
            // First, so that no task queues itself again.
            job.WriteCancelled();
            _ = await SlurmProgram.TryRunAsync("scancel", [job.SlurmId!], cancellation)
                ?? throw new IOException("scancel is not there: run this where Slurm's commands are.");
            ended.Add(job.SlurmId!);
        }

        return ended;
    }
}
