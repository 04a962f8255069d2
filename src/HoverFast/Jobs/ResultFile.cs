namespace HoverFast.Jobs;

/// <summary>A file that a result will have.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Path">Where it goes.</param>
internal readonly record struct ResultFile(ResultKind Kind, string Path);
