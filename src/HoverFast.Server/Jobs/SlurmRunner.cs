using System.Text.RegularExpressions;
using HoverFast.Cluster.Slurm;
using HoverFast.Jobs;
using HoverFast.Server.Hosting;
using HoverFast.Slides;

namespace HoverFast.Server.Jobs;

/// <summary>
/// Gives each job to Slurm as one of its own, with a folder <c>RESULTS/cluster/JOB</c> that the table of jobs remembers, and follows what its files tell. The
/// server's end ends none of them: the next server follows them on.
/// </summary>
internal sealed partial class SlurmRunner(
    ServerOptions options,
    JobStore jobs,
    SlideSegmenters segmenters,
    SlurmFollower follower,
    ILogger<SlurmRunner> logger)
    : BackgroundService,
        IJobRunner
{
    private static readonly TimeSpan _triesAgain = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _something = new(0);

    // Who submits a job and who cancels it must not pass each other by.
    private readonly SemaphoreSlim _submitting = new(1);

    /// <inheritdoc/>
    public IReadOnlyDictionary<long, JobProgress> Progress => follower.Progress;

    /// <inheritdoc/>
    public void Wake() => _something.Release();

    /// <inheritdoc/>
    public async Task<bool> CancelAsync(long id, CancellationToken cancellation)
    {
        await _submitting.WaitAsync(cancellation);
        try
        {
            if (jobs.Find(id) is not { State: JobState.Waiting or JobState.Running } job)
            {
                return false;
            }

            // Whoever asked may go away: what was begun is ended.
            return (job.Folder is not { } folder || await EndInSlurmAsync(new JobFolder(folder)))
                && jobs.Move(id, job.State, JobState.Cancelled, IJobRunner.Cancelled);
        }
        finally
        {
            _submitting.Release();
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _something.Dispose();
        _submitting.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The server answers first.
        await Task.Yield();
        await Task.WhenAll(SubmitAllAsync(stoppingToken), follower.RunAsync(stoppingToken));
    }

    private async Task SubmitAllAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await SubmitNextAsync(stop);
            }
#pragma warning disable CA1031 // As on this machine: a table of jobs that can't be written would end the whole server.
            catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
            {
                logger.LogError(e, "The jobs can't be read or written; they go on later.");
                await _something.WaitAsync(_triesAgain, stop);
            }
        }
    }

    private async Task SubmitNextAsync(CancellationToken stop)
    {
        if (jobs.Unfinished().FirstOrDefault(IsToSubmit) is not { } job)
        {
            await _something.WaitAsync(stop);
            return;
        }

        try
        {
            await SubmitAsync(job, stop);
        }
        catch (SlideException e)
        {
            Fail(job, e.Problem);
        }
        catch (IOException e) when (Away().IsMatch(e.Message))
        {
            logger.LogWarning(e, "Slurm does not answer; {Name} is submitted later.", job.Name);
            await Task.Delay(_triesAgain, stop);
        }
        catch (IOException e) when (Refused().Match(e.Message) is { Success: true } refused)
        {
            logger.LogWarning(e, "Submitting {Name}", job.Name);
            Fail(job, $"Slurm refuses it: {refused.Groups["reason"].Value.Trim()}.");
        }
#pragma warning disable CA1031 // A job must not end the server.
        catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
        {
            logger.LogError(e, "Submitting {Name}", job.Name);
            Fail(job, "It can't be given to Slurm; the server's log tells more.");
        }
    }

    private static bool IsToSubmit(Job job) => job.Folder is not { } folder || (new JobFolder(folder).SlurmId is null && Directory.Exists(folder));

    private async Task SubmitAsync(Job job, CancellationToken stop)
    {
        // One that was planned when the server ended is submitted as it stands.
        var folder = job.Folder is { } planned ? new JobFolder(planned) : await PlanAsync(job, stop);
        await _submitting.WaitAsync(stop);
        try
        {
            if (jobs.Find(job.Id) is { State: JobState.Waiting or JobState.Running })
            {
                // First, so that no job of Slurm is ever without its place in the table.
                jobs.KeepFolder(job.Id, folder.Path);

                // A server that was killed may have submitted it without noting so.
                if (job.Folder is null || !await ClusterJobs.FindSubmittedAsync(folder, CancellationToken.None))
                {
                    await ClusterPlanner.SubmitAsync(folder, CancellationToken.None);
                }
            }
        }
        finally
        {
            _submitting.Release();
        }
    }

    private async Task<JobFolder> PlanAsync(Job job, CancellationToken stop)
    {
        var (arguments, calibrator) = segmenters.CommandFor(job.Path);
        using var segmenter = segmenters.For(job.Path);
        var settings = options.Slurm!;
        var planner = new ClusterPlanner(segmenter, options.Results) { Program = settings.Program, Arguments = arguments };
        var (folder, _) = await Task.Run(
            () => planner.PlanAsync([new SlideInput(job.Path, job.Name)], calibrator, settings.Request, stop),
            stop);
        return folder;
    }

    /// <returns>Whether there was anything to end.</returns>
    private async Task<bool> EndInSlurmAsync(JobFolder folder)
    {
        try
        {
            return folder.SlurmId is null || (await ClusterJobs.CancelAsync([folder], CancellationToken.None)).Count > 0;
        }
        catch (IOException e)
        {
            logger.LogWarning(e, "Cancelling Slurm's job {Id}", folder.SlurmId);
            throw RequestException.Unavailable("Slurm does not answer; try again in a minute.");
        }
    }

    private void Fail(Job job, string message)
    {
        if (!jobs.Move(job.Id, JobState.Waiting, JobState.Failed, message))
        {
            jobs.Move(job.Id, JobState.Running, JobState.Failed, message);
        }
    }

    [GeneratedRegex("Unable to contact|timed out|temporarily|Connection refused", RegexOptions.IgnoreCase)]
    private static partial Regex Away();

    [GeneratedRegex("Batch job submission failed: (?<reason>[^\n/]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Refused();
}
