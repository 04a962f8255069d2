using System.CommandLine;
using System.Globalization;
using HoverFast.Cli.Options;
using HoverFast.Cli.Screens;
using HoverFast.Cluster.Slurm;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast cluster task</c>: what a task of the array runs.</summary>
internal static class ClusterTaskCommand
{
    private const string Variable = "SLURM_ARRAY_TASK_ID";

    /// <summary>The command.</summary>
    public static Command Make()
    {
        var folder = new Argument<DirectoryInfo>("JOB") { Description = "The job's folder, RESULTS/cluster/JOB." }.AcceptExistingOnly();
        var number = NumberOption.Whole("--task", $"The task, from 0 (default: {Variable}).", 0, int.MaxValue);
        var log = new LogOptions();
        var command = new Command(
            "task",
            "Do the slides of one task; the script of a job runs this. A slide that fails is noted and does not fail the task.") { folder, number };
        log.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var job = new JobFolder(parsed.GetValue(folder)!.FullName);
            var plan = job.ReadPlan();
            var task = parsed.GetValue(number) ?? OfSlurm();
            var inputs = ClusterJobs.InputsOf(job, task);
            var batch = new BatchOptions();
            var given = batch.Parse(plan.Arguments);
            var (model, segmenter) = batch.Load(given, batch.Calibrator(given, inputs));
            using var loaded = model;
            using var owned = segmenter;
            using var second = batch.LoadSecond(given);
            using var watchers = log.Open(parsed, ClusterJobs.OpenLog(job, task));

            // A task that is queued again has done a part of what it was forced to do.
            var results = batch.Results(given, second) with { ForceBefore = plan.Created };
            var code = await BatchScreen.RunAsync(segmenter, inputs, plan.Results, results, cancellation, watchers);
            return code == ExitCode.SomeFailed ? ExitCode.Success : code;
        });
        return command;
    }

    private static int OfSlurm() =>
        int.TryParse(Environment.GetEnvironmentVariable(Variable), NumberStyles.None, CultureInfo.InvariantCulture, out var task)
            ? task
            : throw new IOException($"{Variable} is not set; outside of a job array, give the task with --task.");
}
