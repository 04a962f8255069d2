using System.CommandLine;
using HoverFast.Cli.Options;
using HoverFast.Cli.Screens;
using HoverFast.Cluster.Slurm;
using HoverFast.Jobs;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast cluster submit</c>: plans a batch as an array of Slurm and submits it.</summary>
internal static class ClusterSubmitCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var inputs = InputArgument.Make("INPUT", "Slides and pictures: files, folders, or patterns, on a disk that all nodes see.", ArgumentArity.OneOrMore);
        var output = new Option<DirectoryInfo>("--out", "-o")
        {
            Description = "Folder for the results, on a disk that all nodes see; made if it is missing.",
            Required = true,
        };
        var slurm = new SlurmOptions();
        var batch = new BatchOptions();
        var command = new Command(
            "submit",
            "Check all inputs, estimate what they take, pack them into tasks of about equal time, and submit these as an array.") { inputs, output };
        slurm.AddTo(command);
        batch.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            var files = SlideInputs.Expand(parsed.GetValue(inputs)!);
            var calibrator = batch.Calibrator(parsed, files);
            var (model, segmenter) = batch.Load(parsed, calibrator);
            using var loaded = model;
            using var owned = segmenter;
            var planner = new ClusterPlanner(segmenter, parsed.GetValue(output)!.FullName)
            {
                Program = slurm.Program(parsed),
                Arguments = BatchOptions.Given(parsed),
                Price = slurm.Price(parsed),
            };
            var (job, plan) = await planner.PlanAsync(files, calibrator, slurm.Request(parsed), cancellation);
            return await ClusterScreen.SubmitAsync(job, plan, slurm.IsDryRun(parsed), cancellation);
        });
        return command;
    }
}
