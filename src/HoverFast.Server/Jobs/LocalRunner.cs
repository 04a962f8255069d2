using System.Collections.Frozen;
using System.Diagnostics;
using HoverFast.Cluster.Batches;
using HoverFast.Jobs;
using HoverFast.Model;
using HoverFast.Server.Hosting;
using HoverFast.Slides;

namespace HoverFast.Server.Jobs;

/// <summary>
/// Does the jobs on this machine, one after the other. One that the server's end cut off goes on from the finished tiles when the server is there again.
/// </summary>
internal sealed class LocalRunner(
    ServerOptions options,
    JobStore jobs,
    SlideSegmenters segmenters,
    NewResults results,
    ILogger<LocalRunner> logger)
    : BackgroundService,
        IJobRunner
{
    private static readonly TimeSpan _triesAgain = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _something = new(0);
    private readonly Lock _lock = new();
    private (long Id, CancellationTokenSource Stop)? _current;

    /// <inheritdoc/>
    public IReadOnlyDictionary<long, JobProgress> Progress { get; private set; } = FrozenDictionary<long, JobProgress>.Empty;

    /// <inheritdoc/>
    public void Wake() => _something.Release();

    /// <inheritdoc/>
    public Task<bool> CancelAsync(long id, CancellationToken cancellation) => Task.FromResult(Cancel(id));

    private bool Cancel(long id)
    {
        lock (_lock)
        {
            if (jobs.Move(id, JobState.Waiting, JobState.Cancelled))
            {
                return true;
            }

            if (_current?.Id != id)
            {
                return false;
            }

            _current.Value.Stop.Cancel();
            return true;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        _something.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The server answers first.
        await Task.Yield();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await DoNextAsync(stoppingToken);
            }
#pragma warning disable CA1031 // A full disk, for example, to which the table of jobs can't be written: what fails here would end the whole server.
            catch (Exception e) when (e is not OperationCanceledException)
#pragma warning restore CA1031
            {
                logger.LogError(e, "The jobs can't be read or written; they go on later.");
                await _something.WaitAsync(_triesAgain, stoppingToken);
            }
        }
    }

    private async Task DoNextAsync(CancellationToken stoppingToken)
    {
        if (jobs.Next() is not { } job)
        {
            await _something.WaitAsync(stoppingToken);
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        lock (_lock)
        {
            if (job.State == JobState.Waiting && !jobs.Move(job.Id, JobState.Waiting, JobState.Running))
            {
                return;
            }

            _current = (job.Id, stop);
        }

        var (state, message, nuclei) = await RunAsync(job, stop.Token);
        try
        {
            results.Changed(state == JobState.Done ? job.Name : null);
        }
        finally
        {
            lock (_lock)
            {
                _current = null;
                Progress = FrozenDictionary<long, JobProgress>.Empty;
                if (!stoppingToken.IsCancellationRequested)
                {
                    jobs.Move(job.Id, JobState.Running, state, message, nuclei);
                }
            }
        }
    }

    private async Task<(JobState State, string? Message, long Nuclei)> RunAsync(Job job, CancellationToken cancellation)
    {
        try
        {
            using var segmenter = segmenters.For(job.Path);
            var outcome = await Task.Run(() => SegmentAsync(segmenter, job, cancellation), cancellation);
            return outcome.Error is { } error ? Failed(job, error) : (JobState.Done, null, outcome.Manifest!.Counts.Nuclei);
        }
        catch (OperationCanceledException)
        {
            return (JobState.Cancelled, IJobRunner.Cancelled, 0);
        }
#pragma warning disable CA1031 // A job must not end the server.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return Failed(job, e);
        }
    }

    // Where somebody segments it by the command line, it waits for that.
    private async Task<SlideOutcome> SegmentAsync(SlideSegmenter segmenter, Job job, CancellationToken cancellation)
    {
        var start = Stopwatch.GetTimestamp();
        using var instruments = new BatchInstruments();
        var outcomes = SlideBatch.RunAsync(
            segmenter,
            [new SlideInput(job.Path, job.Name)],
            options.Results,
            new ResultOptions(),
            [instruments],
            (_, p) => Progress = new Dictionary<long, JobProgress> { [job.Id] = JobProgress.Of(p, Stopwatch.GetElapsedTime(start)) },
            cancellation: cancellation);
        return await outcomes.SingleAsync(cancellation);
    }

    private (JobState State, string? Message, long Nuclei) Failed(Job job, Exception error)
    {
        switch (error)
        {
            case SlideException slide:
                return (JobState.Failed, slide.Problem, 0);
            case ModelException:
                return (JobState.Failed, error.Message, 0);
            default:
                logger.LogError(error, "Segmenting {Name}", job.Name);
                return (
                    JobState.Failed,
                    error is IOException ? "A file can't be read or written; the server's log tells more." : "The server failed at this; its log tells more.",
                    0);
        }
    }
}
