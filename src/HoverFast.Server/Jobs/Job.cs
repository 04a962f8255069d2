namespace HoverFast.Server.Jobs;

/// <summary>A segmentation that was started from the page.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">Name of the slide's result.</param>
/// <param name="Path">The slide.</param>
/// <param name="Account">Who started it.</param>
/// <param name="State">What has become of it.</param>
/// <param name="Message">Why it failed, or null.</param>
/// <param name="Nuclei">Nuclei found, when it is done.</param>
/// <param name="Folder">The folder of its job on the cluster, or null where it has none.</param>
internal sealed record Job(long Id, string Name, string Path, string Account, JobState State, string? Message, long Nuclei, string? Folder);
