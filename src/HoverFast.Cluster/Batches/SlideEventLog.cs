using System.Text;
using HoverFast.Jobs;

namespace HoverFast.Cluster.Batches;

/// <summary>Writes what happens in a batch as lines of JSON, each whole at once. A log that can't be written any more costs no slide.</summary>
public sealed class SlideEventLog : IBatchWatcher
{
    private readonly Action<string> _write;
    private readonly IDisposable? _file;
    private readonly string? _job;

    private SlideEventLog(Action<string> write, IDisposable? file, string? job)
    {
        _write = write;
        _file = file;
        _job = job;
    }

    /// <summary>A log to a stream of text, such as standard error.</summary>
    public static SlideEventLog To(TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        return new SlideEventLog(writer.WriteLine, null, ThisTask());
    }

    /// <summary>A log in a new file, which nobody else writes.</summary>
    /// <exception cref="IOException">The file is there already, or can't be made.</exception>
    public static SlideEventLog Create(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        return new SlideEventLog(
            line =>
            {
                try
                {
                    file.Write(Encoding.UTF8.GetBytes(line + "\n"));
                    file.Flush();
                }
                catch (IOException)
                {
                    // The disk is full: results and locks tell the same, and the next event may find room.
                }
            },
            file,
            ThisTask());
    }

    /// <summary>The job, and task of its array, that this process belongs to; null where there is none.</summary>
    internal static string? ThisTask() =>
        Environment.GetEnvironmentVariable("SLURM_ARRAY_JOB_ID") is { Length: > 0 } job
            ? $"{job}_{Environment.GetEnvironmentVariable("SLURM_ARRAY_TASK_ID")}"
            : Environment.GetEnvironmentVariable("SLURM_JOB_ID");

    /// <inheritdoc/>
    public void Started(SlideInput input) => Write(Event(SlideEventKind.Started, input));

    /// <inheritdoc/>
    public void Waiting(SlideInput input, ResultInUseException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        Write(Event(SlideEventKind.Waiting, input) with { Error = error.Message });
    }

    /// <inheritdoc/>
    public void Ended(SlideOutcome outcome, double seconds, double processorSeconds)
    {
        ArgumentNullException.ThrowIfNull(outcome);
        var kind = outcome.State switch
        {
            SlideState.Done => SlideEventKind.Done,
            SlideState.Kept => SlideEventKind.Kept,
            _ => SlideEventKind.Failed,
        };
        var report = outcome.Report;
        Write(Event(kind, outcome.Input) with
        {
            Seconds = Math.Round(seconds, 3),
            ProcessorSeconds = Math.Round(processorSeconds, 3),
            StageSeconds = report?.StageSeconds.ToDictionary(s => s.Key.ToString().ToLowerInvariant(), s => Math.Round(s.Value, 3), StringComparer.Ordinal),
            Tissue = report is null ? null : Math.Round(report.TissueArea, 6),
            Nuclei = report?.Nuclei,
            TilesResumed = report?.TilesResumed,
            PeakMemory = report?.PeakMemory,
            Error = outcome.Error?.Message,
        });
    }

    /// <inheritdoc/>
    public void Stopped(SlideInput? input)
    {
        if (input is not null)
        {
            Write(Event(SlideEventKind.Stopped, input));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    private void Write(SlideEvent what) => _write(what.ToJson());

    private SlideEvent Event(SlideEventKind kind, SlideInput input) => new()
    {
        At = DateTimeOffset.UtcNow,
        Event = kind,
        Slide = input.Name,
        Input = input.Path,
        Host = Environment.MachineName,
        Process = Environment.ProcessId,
        Job = _job,
    };
}
