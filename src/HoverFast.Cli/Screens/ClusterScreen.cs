using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using HoverFast.Cluster.Progress;
using HoverFast.Cluster.Slurm;
using Spectre.Console;

namespace HoverFast.Cli.Screens;

/// <summary>Jobs of a cluster before the user's eyes.</summary>
internal static class ClusterScreen
{
    private const int MostFailures = 20;
    private const int MostSlow = 5;

    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>Tells of a plan and, unless it is only to be looked at, submits it; returns the exit code.</summary>
    public static async Task<int> SubmitAsync(JobFolder job, ClusterPlan plan, bool isDryRun, CancellationToken cancellation)
    {
        foreach (var refused in plan.Refused)
        {
            await Console.Error.WriteLineAsync($"error: {refused.Path}: {refused.Problem}");
        }

        var screen = Screen.Out;
        screen.WriteLine(
            $"{plan.Slides} slides, {plan.Bytes * 1e-9:0.00} GB, in {plan.Tasks} tasks of {plan.Request.Cpus} cores, {plan.Request.Memory} and "
                + $"{plan.Request.Time} (time limit)");
        screen.WriteLine($"about {plan.CoreHours:0.00} core hours{(plan.Price is { } price ? $", which cost {plan.CoreHours * price:0.00}" : "")}; the "
            + $"longest task {Span(plan.LongestTask)}, "
            + $"all of it {Span(plan.Makespan)} where {(plan.Request.MaxTasks is { } most && most < plan.Tasks ? $"{most}" : "all")} tasks run at once "
                + $"({plan.Estimate})");
        screen.WriteLine($"plan: {job.Path}");
        if (isDryRun)
        {
            screen.WriteLine($"nothing was submitted; 'sbatch {job.Script}' does it");
        }
        else
        {
            screen.WriteLine(
                $"submitted as {await ClusterPlanner.SubmitAsync(job, cancellation)}; 'hoverfast cluster status {plan.Results}' tells how far it is");
        }

        if (plan.Refused.Count > 0)
        {
            screen.WriteLine($"{plan.Refused.Count} inputs can't be done and are left out");
        }

        return plan.Refused.Count > 0 ? ExitCode.SomeFailed : ExitCode.Success;
    }

    /// <summary>Prints how far jobs are.</summary>
    public static void Print(ClusterState state)
    {
        var screen = Screen.Out;
        screen.WriteLine(
            $"{state.Slides.Count} slides of {state.Jobs.Count} jobs: " + string.Join(
                ", ",
                Enum.GetValues<SlideProgressState>().Select(s => $"{state.Count(s)} {s.ToString().ToLowerInvariant()}")));
        if (state.SlidesPerHour is { } pace)
        {
            screen.WriteLine($"{pace:0.0} slides an hour, {(state.Left is { } left ? Span(left.TotalSeconds) : "unknown time")} left, "
                + (
                    state.TissuePerCoreHour is { } tissue
                        ? $"{tissue:0} mm2 of tissue a core hour, "
                        : "") + $"{state.Slides.Sum(s => s.CoreSeconds ?? 0) / 3600:0.000} core hours so far");
        }

        var slowest = state.Slides.Where(s => s.Seconds is not null).OrderByDescending(s => s.Seconds).Take(MostSlow).ToList();
        if (slowest.Count > 0)
        {
            screen.WriteLine("slowest: " + string.Join(", ", slowest.Select(s => $"{s.Name} {s.Seconds:0.0} s")));
        }

        foreach (var running in state.Slides.Where(s => s.State == SlideProgressState.Running).Take(MostFailures))
        {
            screen.WriteLine($"running: {running.Name} on {running.Host}, attempt {running.Attempts}");
        }

        var failed = state.Slides.Where(s => s.State == SlideProgressState.Failed).ToList();
        foreach (var slide in failed.Take(MostFailures))
        {
            screen.WriteLine($"failed: {slide.Name}, {slide.Attempts} attempts: {slide.Error}");
        }

        if (failed.Count > MostFailures)
        {
            screen.WriteLine($"and {failed.Count - MostFailures} failures more; --json tells all");
        }

        if (state.Count(SlideProgressState.Failed) + state.Count(SlideProgressState.Interrupted) > 0)
        {
            screen.WriteLine("'hoverfast cluster retry' submits again what failed or was left by tasks that are gone");
        }
    }

    /// <summary>The same for programs.</summary>
    public static string ToJson(ClusterState state) => JsonSerializer.Serialize(
        new
        {
            Slides = state.Slides.Count,
            Done = state.Count(SlideProgressState.Done),
            Running = state.Count(SlideProgressState.Running),
            Waiting = state.Count(SlideProgressState.Waiting),
            Interrupted = state.Count(SlideProgressState.Interrupted),
            Failed = state.Count(SlideProgressState.Failed),
            state.SlidesPerHour,
            SecondsLeft = state.Left?.TotalSeconds,
            state.TissuePerCoreHour,
            CoreSeconds = state.Slides.Sum(s => s.CoreSeconds ?? 0),
            Jobs = state.Jobs.Select(j => new { j.Folder.Name, j.Folder.SlurmId, j.Plan.Tasks, j.Folder.IsCancelled }),
            Inputs = state.Slides.Select(s => new { s.Name, s.Path, s.State, s.Attempts, s.Error, s.Host, s.Seconds, s.CoreSeconds, s.Tissue }),
        },
        _json);

    private static string Span(double seconds) => TimeSpan.FromSeconds(Math.Ceiling(Math.Min(seconds, 1e9))) is var span && span.TotalDays >= 1
        ? span.ToString(@"d\.hh\:mm\:ss")
        : span.ToString(@"h\:mm\:ss");
}
