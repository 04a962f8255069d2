using System.Globalization;
using System.Text;

namespace HoverFast.Cluster.Slurm;

/// <summary>The script that is given to sbatch. It can be read, changed and submitted by hand.</summary>
internal static class SlurmScript
{
    /// <summary>How often a task that was stopped is queued again: one that gets nowhere must end.</summary>
    private const int MostRestarts = 20;

    /// <summary>
    /// Seconds before the time limit at which a task is asked to stop; Slurm may ask a minute earlier still, so that short limits go without.
    /// </summary>
    private const int Warning = 60;
    private const int ShortLimitMinutes = 5;

    /// <summary>Writes the script.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="job">Its folder.</param>
    /// <param name="time">The time limit of a task.</param>
    public static string Text(ClusterPlan plan, JobFolder job, TimeSpan time)
    {
        var request = plan.Request;
        var text = new StringBuilder("#!/bin/bash\n");
        Line($"--job-name=hoverfast");
        Line($"--array=0-{plan.Tasks - 1}{(request.MaxTasks is { } atOnce ? $"%{atOnce}" : "")}");
        Line($"--ntasks=1");
        Line($"--cpus-per-task={request.Cpus}");
        Line($"--mem={request.Memory}");
        Line($"--time={request.Time}");
        Line($"--output=\"{Quoted(job.Logs).Replace("%", "%%", StringComparison.Ordinal)}/%a.log\"");
        Line($"--open-mode=append");
        Line($"--requeue");
        if (time.TotalMinutes >= ShortLimitMinutes)
        {
            Line($"--signal=B:TERM@{Warning}");
        }

        foreach (
            var (name, value) in ((string, string?)[])[
                ("partition", request.Partition),
                ("account", request.Account),
                ("qos", request.Qos),
                ("dependency", request.Dependency)])
        {
            if (value is not null)
            {
                Line($"--{name}={value}");
            }
        }

        foreach (var option in request.More)
        {
            Line($"{option}");
        }

        text.Append(CultureInfo.InvariantCulture, $$"""

            # One task of the array: its slides one after the other, from where an earlier run of it stopped. It is asked to stop by SIGTERM before the time
            # limit and at preemption, closes its journal, and is queued again while Slurm would let it run.
            job={{SlurmRequest.Shell(job.Path)}}
            {{plan.Program}} cluster task "$job" &
            child=$!
            asked=
            trap 'asked=1; kill -TERM "$child" 2>/dev/null' TERM
            wait "$child"
            code=$?
            while [ -n "$asked" ]; do
              asked=
              wait "$child"
              code=$?
            done
            # The last task of an array has the array's own number as its job's: this one task goes by both numbers.
            task="${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}"
            if [ "$code" -eq 143 ] && [ ! -e "$job/cancelled" ] && [ "${SLURM_RESTART_COUNT:-0}" -lt {{MostRestarts}} ] &&
               [ "$(squeue --noheader --format=%T --jobs="$task" 2>/dev/null)" = RUNNING ]; then
              scontrol requeue "$task"
            fi
            exit "$code"

            """);
        return text.ToString();

        void Line(FormattableString option) => text.Append("#SBATCH ").Append(option.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string Quoted(string path) => path.AsSpan().IndexOfAny('"', '\\', '\n') < 0
        ? path
        : throw new IOException($"{path}: a folder of results for Slurm has no quotes, backslashes or line breaks in its name; choose another one.");
}
