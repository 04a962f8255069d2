using HoverFast.Cli.Commands;
using HoverFast.Cluster.Slurm;

namespace HoverFast.Server.Jobs;

/// <summary>How segmentations are given to Slurm.</summary>
/// <param name="Request">What is asked for each of them.</param>
/// <param name="Program">The command that starts hoverfast on a node, as a shell writes it; empty where it was not found.</param>
internal sealed record SlurmSettings(SlurmRequest Request, string Program)
{
    private static readonly CompanionProgram _segmenting = new("hoverfast", "HOVERFAST_PROGRAM", "HoverFast.Cli", "It is what Slurm's nodes run.");

    /// <summary>The command of the program that lies beside the server, on PATH, or in the clone; null where there is none.</summary>
    public static string? FindProgram() =>
        _segmenting.Places(AppContext.BaseDirectory, Environment.CurrentDirectory).FirstOrDefault(File.Exists) is { } path
            ? SlurmRequest.Shell(Path.GetFullPath(path))
            : null;

    /// <summary>Why nothing could be given to Slurm from here; null where it could.</summary>
    public async Task<string?> ProblemAsync(CancellationToken cancellation)
    {
        try
        {
            return await ClusterPlanner.SlurmVersionAsync(cancellation) is null
                    ? "--runner slurm needs Slurm's commands, and sbatch is not on PATH: start the server where they are, or leave --runner out."
                : Program.Length == 0
                    ? "--runner slurm needs the program hoverfast, which the nodes run: put it beside the server or on PATH, or name it with --program."
                : null;
        }
        catch (IOException e)
        {
            return $"--runner slurm: {e.Message}";
        }
    }
}
