using System.ComponentModel;
using System.Diagnostics;

namespace HoverFast.Cluster.Slurm;

/// <summary>Runs Slurm's own commands.</summary>
internal static class SlurmProgram
{
    /// <summary>Runs one of them.</summary>
    /// <returns>Its output; null where the machine has no such command.</returns>
    /// <exception cref="IOException">It failed; the message holds what it said.</exception>
    public static async Task<string?> TryRunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync(cancellation);
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode == 0 ? output : throw new IOException($"{program} failed: {(await errors).Trim()}");
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>The most tasks that an array may have; Slurm's usual limit where it can't be asked.</summary>
    public static async Task<int> MostTasksAsync(CancellationToken cancellation)
    {
        const int Usual = 1001;
        try
        {
            var settings = await TryRunAsync("scontrol", ["show", "config"], cancellation) ?? "";
            var line = settings.Split('\n').FirstOrDefault(l => l.StartsWith("MaxArraySize", StringComparison.Ordinal));
            return int.TryParse(line?.Split('=')[^1], out var most) && most > 0 ? most : Usual;
        }
        catch (IOException)
        {
            // The controller does not answer; sbatch will say so.
            return Usual;
        }
    }

    /// <summary>The tasks of jobs that wait or run, as (job, task).</summary>
    /// <exception cref="IOException">Slurm does not answer.</exception>
    public static async Task<IReadOnlySet<(string Job, int Task)>> QueuedAsync(IReadOnlyCollection<string> jobs, CancellationToken cancellation)
    {
        // Of several numbers, squeue passes over those that it has forgotten; of one, it complains.
        const int AtOnce = 200;
        var queued = new HashSet<(string, int)>();
        foreach (var some in jobs.Chunk(AtOnce))
        {
            string lines;
            try
            {
                lines = await TryRunAsync("squeue", ["--noheader", "--array", "--format=%F %K", "--jobs=" + string.Join(',', some)], cancellation)
                    ?? throw new IOException("squeue is not there: run this where Slurm's commands are.");
            }
            catch (IOException e) when (e.Message.Contains("Invalid job id", StringComparison.Ordinal))
            {
                // It ended long ago.
                continue;
            }

            foreach (var parts in lines.Split('\n').Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries)))
            {
                if (parts is [var array, var number] && int.TryParse(number, out var task))
                {
                    queued.Add((array, task));
                }
            }
        }

        return queued;
    }
}
