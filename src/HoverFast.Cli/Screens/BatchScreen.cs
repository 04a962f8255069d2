using HoverFast.Cli.Options;
using HoverFast.Cluster.Batches;
using HoverFast.Jobs;

namespace HoverFast.Cli.Screens;

/// <summary>Runs a batch before the user's eyes: progress, warnings and errors as they come, a table at the end.</summary>
internal static class BatchScreen
{
    /// <summary>Segments the inputs; returns the exit code.</summary>
    public static async Task<int> RunAsync(
        SlideSegmenter segmenter,
        IReadOnlyList<SlideInput> inputs,
        string folder,
        ResultOptions results,
        CancellationToken cancellation,
        BatchWatchers? watchers = null)
    {
        watchers ??= BatchWatchers.None;
        var report = new BatchReport();
        SlideProgressLine? line = null;
        SlideInput? current = null;
        if (segmenter.Memory is { IsTight: true } memory && !watchers.IsQuiet)
        {
            Console.Error.WriteLine(
                $"note: about {memory.Expected >> 20} MiB would be taken, and {memory.Available >> 20} MiB may be: {memory.Tiles} of {memory.Threads} threads compute at once. Smaller tiles (--tile-size) or fewer threads (--threads) take less.");
        }

        try
        {
            await foreach (
                var outcome in SlideBatch.RunAsync(
                    segmenter,
                    inputs,
                    folder,
                    results,
                    watchers.All,
                    watchers.IsQuiet ? null : Progress,
                    watchers.IsQuiet ? null : Wait,
                    cancellation))
            {
                line?.End();
                report.Add(outcome);
                if (!watchers.IsQuiet)
                {
                    Tell(outcome, segmenter.Settings.SkipCorrupt);
                }
            }
        }
        finally
        {
            line?.End();
            report.Print(Screen.Out);
        }

        return report.Failed > 0 ? ExitCode.SomeFailed : ExitCode.Success;

        void Progress(SlideInput input, Pipeline.SlideProgress progress)
        {
            if (current != input)
            {
                current = input;
                line = new SlideProgressLine(input.Name, !Console.IsErrorRedirected);
            }

            line!.Report(progress);
        }
    }

    private static void Wait(SlideInput input, ResultInUseException error) => Console.Error.WriteLine($"note: {input.Path}: {error.Message} Waiting for it.");

    private static void Tell(SlideOutcome outcome, bool skipCorrupt)
    {
        if (outcome.LeftBehind is { Count: > 0 } left)
        {
            Console.Error.WriteLine(
                $"warning: {outcome.Input.Path}: {string.Join(", ", left)} {(left.Count == 1 ? "is" : "are")} still of its earlier result, by another model or other settings: delete what isn't wanted, or write results of different settings into different folders.");
        }

        foreach (var warning in outcome.Report?.Warnings ?? [])
        {
            Console.Error.WriteLine($"warning: {outcome.Input.Path}: {ProblemText.Of(warning)}");
        }

        if (outcome.Error is { } error)
        {
            Console.Error.WriteLine("error: " + ProblemText.Of(outcome.Input, error));
            if (ProblemText.Advice(outcome, skipCorrupt) is { } advice)
            {
                Console.Error.WriteLine($"note: {outcome.Input.Path}: {advice}");
            }
        }
    }
}
