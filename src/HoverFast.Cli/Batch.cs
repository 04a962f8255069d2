using HoverFast.Cli.Commands;
using HoverFast.Model;
using HoverFast.Pipeline;
using HoverFast.Slides;

namespace HoverFast.Cli;

/// <summary>Segments inputs one after the other: one that fails is reported, and the rest is done.</summary>
internal static class Batch
{
    /// <summary>Runs the batch and prints its table; returns the exit code.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<InputFile> files, NucleusModel model, SegmentSettings settings, SlideCalibrator calibrator, OutputPlan plan, CancellationToken cancellation)
    {
        var report = new BatchReport();
        try
        {
            foreach (var file in files)
            {
                cancellation.ThrowIfCancellationRequested();
                await RunOneAsync(file, model, settings, calibrator, plan, report, cancellation);
            }
        }
        finally
        {
            report.Print(HoverFastCommand.Screen);
        }

        return report.Failed > 0 ? ExitCode.SomeFailed : ExitCode.Success;
    }

    // What nobody foresaw must not cost the rest of the batch either, but says where it comes from.
    private static string Describe(InputFile file, Exception error) => error switch
    {
        SlideException => error.Message,
        IOException or UnauthorizedAccessException or InvalidDataException or ArgumentOutOfRangeException => $"{file.Path}: {error.Message}",
        _ => $"{file.Path}: {error}",
    };

    private static async Task RunOneAsync(InputFile file, NucleusModel model, SegmentSettings settings, SlideCalibrator calibrator, OutputPlan plan, BatchReport report, CancellationToken cancellation)
    {
        var line = new SlideProgressLine(file.Name, !Console.IsErrorRedirected);
        try
        {
            var result = await plan.SegmentAsync(file, model, settings, calibrator, line.Report, cancellation);
            line.End();
            if (result is null)
            {
                report.AddKept(file.Name);
                return;
            }

            report.Add(file.Name, result);
            foreach (var warning in result.Warnings)
            {
                await Console.Error.WriteLineAsync($"warning: {file.Path}: {warning}");
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            line.End();
            await Console.Error.WriteLineAsync("error: " + Describe(file, e));
            if (e is SlideException { Region: not null } && !settings.SkipCorrupt)
            {
                await Console.Error.WriteLineAsync($"note: {file.Path}: --skip-corrupt takes what is damaged as blank, lists it in the manifest and goes on.");
            }
            else if (File.Exists(plan.JournalOf(file)))
            {
                await Console.Error.WriteLineAsync($"note: {file.Path}: its finished tiles are kept; the same command goes on from them.");
            }

            report.AddFailed(file.Name, e is SlideException slide ? slide.Problem : e.Message);
        }
    }
}
