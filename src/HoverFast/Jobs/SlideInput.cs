namespace HoverFast.Jobs;

/// <summary>One slide or picture to segment, and the name that its results get.</summary>
/// <param name="Path">The file that is opened.</param>
/// <param name="Name">Name of its results, without ending; unique in a batch.</param>
public sealed record SlideInput(string Path, string Name);
