namespace HoverFast.Cluster.Slurm;

/// <summary>A slide of a plan.</summary>
/// <param name="Task">The task of the array that does it, from 0.</param>
/// <param name="Name">The name of its result.</param>
/// <param name="Path">The file.</param>
/// <param name="Bytes">Bytes of all its files.</param>
/// <param name="Seconds">Seconds that it should take a task.</param>
internal sealed record ClusterSlide(int Task, string Name, string Path, long Bytes, double Seconds);
