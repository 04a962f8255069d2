using System.CommandLine;

namespace HoverFast.Cli.Commands;

/// <summary><c>hoverfast cluster</c>: batches on Slurm.</summary>
internal static class ClusterCommand
{
    /// <summary>The command.</summary>
    public static Command Make() => new("cluster", "Segment very many slides on a cluster with Slurm: submit, watch, repeat what failed, cancel.")
    {
        ClusterSubmitCommand.Make(),
        ClusterStatusCommand.Make(),
        ClusterRetryCommand.Make(),
        ClusterCancelCommand.Make(),
        ClusterTaskCommand.Make(),
    };

    /// <summary>The argument for the folder of the results.</summary>
    public static Argument<DirectoryInfo> Results() =>
        new Argument<DirectoryInfo>("RESULTS") { Description = "The folder that the results go to." }.AcceptExistingOnly();
}
