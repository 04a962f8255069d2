using System.CommandLine;
using HoverFast.Cli.Options;
using HoverFast.Cli.Screens;
using HoverFast.Cluster.Progress;
using HoverFast.Cluster.Slurm;
using Spectre.Console;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast cluster retry</c>: submits what is missing or failed.</summary>
internal static class ClusterRetryCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var results = ClusterCommand.Results();
        var slurm = new SlurmOptions();
        var command = new Command(
            "retry",
            "Submit again what failed or was left, and nothing that is done or that a task is still going to do. Options that are left out are those "
                + "of the last job.") { results };
        slurm.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var folder = parsed.GetValue(results)!.FullName;
            var state = ClusterState.Read(folder);
            if (state.Jobs.Count == 0)
            {
                throw new IOException($"{folder}: no job was submitted; 'hoverfast cluster submit SLIDES -o {folder}' does that.");
            }

            var left = await ClusterJobs.LeftAsync(state, cancellation);
            if (left.Count == 0)
            {
                Screen.Out.WriteLine(
                    state.Slides.All(s => s.State == SlideProgressState.Done)
                        ? "All slides are done."
                        : "Nothing to repeat: what is not done is still queued or running.");
                return ExitCode.Success;
            }

            var before = state.Jobs[^1].Plan;
            var batch = new BatchOptions();
            var given = batch.Parse(before.Arguments);
            var calibrator = batch.Calibrator(given, left);
            var (model, segmenter) = batch.Load(given, calibrator);
            using var loaded = model;
            using var owned = segmenter;
            var planner = new ClusterPlanner(segmenter, folder)
            {
                Program = slurm.Program(parsed, before.Program),
                Arguments = before.Arguments,
                Price = slurm.Price(parsed, before.Price),
            };
            var (job, plan) = await planner.PlanAsync(left, calibrator, slurm.Request(parsed, before.Request), cancellation);
            return await ClusterScreen.SubmitAsync(job, plan, slurm.IsDryRun(parsed), cancellation);
        });
        return command;
    }
}
