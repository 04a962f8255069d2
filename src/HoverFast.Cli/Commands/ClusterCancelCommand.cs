using System.CommandLine;
using HoverFast.Cli.Screens;
using HoverFast.Cluster.Slurm;
using Spectre.Console;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast cluster cancel</c>: ends the jobs of a folder of results.</summary>
internal static class ClusterCancelCommand
{
    /// <summary>The command.</summary>
    public static Command Make()
    {
        var results = ClusterCommand.Results();
        var command = new Command(
            "cancel",
            "End all jobs of a folder of results. What is done stays, what runs closes its journal; 'retry' goes on from there.") { results };
        command.SetAction(async (parsed, cancellation) =>
        {
            var ended = await ClusterJobs.CancelAsync(JobFolder.Of(parsed.GetValue(results)!.FullName), cancellation);
            Screen.Out.WriteLine(
                ended.Count == 0 ? "No job waits or runs." : $"Cancelled: {string.Join(", ", ended)}. 'hoverfast cluster retry' goes on from there.");
            return ExitCode.Success;
        });
        return command;
    }
}
