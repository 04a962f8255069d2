namespace HoverFast.Jobs;

/// <summary>A file that a result will have.</summary>
/// <param name="Kind">What it holds.</param>
/// <param name="Path">Where it goes.</param>
/// <param name="ColouredBy">What its colours tell, where they can be chosen and are not the usual ones; else null.</param>
internal readonly record struct ResultFile(ResultKind Kind, string Path, string? ColouredBy = null);
