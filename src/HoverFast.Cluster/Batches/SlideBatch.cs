using System.Diagnostics;
using System.Runtime.CompilerServices;
using HoverFast.Jobs;
using HoverFast.Pipeline;

namespace HoverFast.Cluster.Batches;

/// <summary>Segments inputs one after the other before the eyes of watchers.</summary>
public static class SlideBatch
{
    /// <summary>Runs a batch; see <see cref="SlideSegmenter.SegmentAllAsync"/>.</summary>
    /// <param name="segmenter">Does the work.</param>
    /// <param name="inputs">The inputs.</param>
    /// <param name="folder">Where the files go.</param>
    /// <param name="results">Which files.</param>
    /// <param name="watchers">Are told what happens.</param>
    /// <param name="progress">Is told after each tile of an input.</param>
    /// <param name="waiting">Is told of an input whose result another run is writing.</param>
    /// <param name="cancellation">Stops the batch.</param>
    /// <returns>What became of each input, as soon as it is known.</returns>
    public static async IAsyncEnumerable<SlideOutcome> RunAsync(
        SlideSegmenter segmenter,
        IEnumerable<SlideInput> inputs,
        string folder,
        ResultOptions results,
        IReadOnlyList<IBatchWatcher> watchers,
        Action<SlideInput, SlideProgress>? progress = null,
        Action<SlideInput, ResultInUseException>? waiting = null,
        [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(segmenter);
        ArgumentNullException.ThrowIfNull(watchers);
        SlideInput? current = null;
        var (start, processor) = (0L, TimeSpan.Zero);
        var ended = false;
        try
        {
            await foreach (var outcome in segmenter.SegmentAllAsync(inputs.Select(Begin), folder, results, progress, Wait, cancellation))
            {
                var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
                var processorSeconds = (ProcessorTime() - processor).TotalSeconds;
                current = null;
                foreach (var watcher in watchers)
                {
                    watcher.Ended(outcome, seconds, processorSeconds);
                }

                yield return outcome;
                Mark();
            }

            ended = true;
        }
        finally
        {
            if (!ended)
            {
                foreach (var watcher in watchers)
                {
                    watcher.Stopped(current);
                }
            }
        }

        SlideInput Begin(SlideInput input)
        {
            current = input;
            Mark();
            foreach (var watcher in watchers)
            {
                watcher.Started(input);
            }

            return input;
        }

        void Wait(SlideInput input, ResultInUseException error)
        {
            current = input;
            Mark();
            foreach (var watcher in watchers)
            {
                watcher.Waiting(input, error);
            }

            waiting?.Invoke(input, error);
        }

        void Mark() => (start, processor) = (Stopwatch.GetTimestamp(), ProcessorTime());
    }

    private static TimeSpan ProcessorTime()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
