namespace HoverFast.Cluster.Slurm;

/// <summary>Packs slides into tasks of about equal time: the longest first, each into the task that has the least so far.</summary>
internal static class TaskPacking
{
    /// <summary>Seconds that a task should have at the least: its start takes one or two.</summary>
    private const double ShortestTask = 60;

    /// <summary>Tasks for each that may run at once: with fewer, many cores wait for the last ones.</summary>
    private const int Waves = 8;

    /// <summary>Packs.</summary>
    /// <param name="seconds">What each slide should take.</param>
    /// <param name="request">How tasks should be.</param>
    /// <param name="mostTasks">The most tasks that an array may have.</param>
    /// <returns>The task of each slide, from 0; task 0 takes the longest, and no task is empty.</returns>
    /// <exception cref="IOException">There would be too many tasks.</exception>
    public static int[] Pack(IReadOnlyList<double> seconds, SlurmRequest request, int mostTasks)
    {
        if (seconds.Count == 0)
        {
            return [];
        }

        var count = Count(seconds, request);
        if (request.SlidesPerTask is { } wanted && count > mostTasks)
        {
            throw new IOException(
                $"{seconds.Count} slides, {wanted} a task, are {count} tasks, and an array may have {mostTasks} (Slurm's MaxArraySize): put "
                    + $"{Divided(seconds.Count, mostTasks)} or more into a task.");
        }

        count = Math.Clamp(count, 1, Math.Min(seconds.Count, mostTasks));
        var load = new double[count];
        var slides = new int[count];
        var task = new int[seconds.Count];
        var open = new PriorityQueue<int, (double Load, int Task)>(Enumerable.Range(0, count).Select(t => (t, (0.0, t))));
        foreach (var slide in Enumerable.Range(0, seconds.Count).OrderByDescending(i => seconds[i]).ThenBy(i => i))
        {
            var t = open.Dequeue();
            task[slide] = t;
            load[t] += seconds[slide];
            if (++slides[t] < (request.SlidesPerTask ?? int.MaxValue))
            {
                open.Enqueue(t, (load[t], t));
            }
        }

        // Slurm starts them in the order of their numbers.
        var rank = new int[count];
        foreach (var (t, r) in Enumerable.Range(0, count).OrderByDescending(t => load[t]).ThenBy(t => t).Select((t, r) => (t, r)))
        {
            rank[t] = r;
        }

        return [.. task.Select(t => rank[t])];
    }

    private static int Count(IReadOnlyList<double> seconds, SlurmRequest request)
    {
        if (request.SlidesPerTask is { } most)
        {
            return Divided(seconds.Count, most);
        }

        var total = seconds.Sum();
        var count = (int)Math.Min(int.MaxValue, Math.Ceiling(total / (60.0 * request.TaskMinutes)));
        return request.MaxTasks is { } atOnce ? Math.Max(count, (int)Math.Min((long)Waves * atOnce, (long)Math.Ceiling(total / ShortestTask))) : count;
    }

    private static int Divided(int count, int by) => (count + by - 1) / by;
}
