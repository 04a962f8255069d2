using System.Globalization;
using HoverFast.Cluster.Slurm;

namespace HoverFast.Benchmarks;

/// <summary>
/// A cohort on a cluster, simulated: slides whose tissue is distributed as in real cohorts (log-normal), times from measured figures, errors in what was
/// estimated. Tasks start in the order of their numbers, each when cores are free; the makespan is set against cores that never wait.
/// </summary>
internal static class ClusterPacking
{
    /// <summary>Median and spread of a slide's tissue: between a biopsy's ten mm2 and a resection's thousand.</summary>
    private const double MedianTissue = 120;
    private const double SpreadOfTissue = 0.9;

    /// <summary>How far a slide's time lies from what its bytes estimate.</summary>
    private const double SpreadOfError = 0.3;

    /// <summary>
    /// Seconds that Slurm and the program's start take before a task's first slide, and core seconds of opening a slide and finding its tissue.
    /// </summary>
    private const double TaskStart = 3;
    private const double SlideStart = 1.5;

    /// <summary>Slurm's usual limit of an array.</summary>
    private const int MostTasks = 1001;

    /// <summary>Usage: cluster [SLIDES] [CORES] [CORES OF A TASK] [CORE SECONDS A MM2].</summary>
    public static int Run(ReadOnlySpan<string> args)
    {
        var slides = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000;
        var cores = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 500;
        var cpus = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 4;
        var perTissue = args.Length > 3 ? double.Parse(args[3], CultureInfo.InvariantCulture) : 1.12;
        var random = new Random(1);
        var estimated = new double[slides];
        var taken = new double[slides];
        var tissue = 0.0;
        for (var i = 0; i < slides; i++)
        {
            var area = MedianTissue * Math.Exp(SpreadOfTissue * Normal(random));
            tissue += area;
            estimated[i] = (SlideStart + (perTissue * area)) / cpus;
            taken[i] = estimated[i] * Math.Exp((SpreadOfError * Normal(random)) - (SpreadOfError * SpreadOfError / 2));
        }

        var slots = cores / cpus;
        var ideal = taken.Sum() / slots;
        Console.WriteLine(
            Line(
                $"{slides} slides, {tissue:0} mm2, {taken.Sum() * cpus / 3600:0} core hours, {slots} tasks of {cpus} cores at once; ideal {ideal / 60:0.0} min")
        );
        Tell("packed by time", TaskPacking.Pack(estimated, new SlurmRequest { MaxTasks = slots }, MostTasks));
        Tell("packed by time, into as many tasks as run at once", TaskPacking.Pack(estimated, new SlurmRequest { MaxTasks = slots }, slots));
        Tell("as many slides in each, in the order of their names", [.. Enumerable.Range(0, slides).Select(i => (int)((long)i * MostTasks / slides))]);
        Tell("one task for each core group", [.. Enumerable.Range(0, slides).Select(i => (int)((long)i * slots / slides))]);
        Tell("a task a slide (beyond MaxArraySize)", [.. Enumerable.Range(0, slides)]);
        return 0;

        void Tell(string how, int[] tasks)
        {
            var makespan = Makespan(tasks, taken, slots);
            Console.WriteLine(Line($"{how}: {tasks.Max() + 1} tasks, {makespan / 60:0.0} min, {makespan / ideal:0.000} of the ideal"));
        }
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static double Makespan(int[] tasks, double[] taken, int slots)
    {
        var loads = new double[tasks.Max() + 1];
        for (var i = 0; i < tasks.Length; i++)
        {
            loads[tasks[i]] += taken[i];
        }

        var free = new PriorityQueue<int, double>(Enumerable.Range(0, slots).Select(s => (s, 0.0)));
        var last = 0.0;
        foreach (var load in loads)
        {
            free.TryDequeue(out var slot, out var at);
            var end = at + TaskStart + load;
            last = Math.Max(last, end);
            free.Enqueue(slot, end);
        }

        return last;
    }

    // Box and Muller.
    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
