namespace HoverFast.Cluster.Slurm;

/// <summary>An input that no task is given, since it can't be opened or has no pixel size.</summary>
/// <param name="Name">The name that its result would have.</param>
/// <param name="Path">The file.</param>
/// <param name="Problem">Why.</param>
public sealed record RefusedSlide(string Name, string Path, string Problem);
