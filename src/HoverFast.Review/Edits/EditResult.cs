namespace HoverFast.Review.Edits;

/// <summary>What an edit came to; it is on the disk.</summary>
/// <param name="Entry">Its number in the slide's log.</param>
/// <param name="Removed">Nuclei that are gone.</param>
/// <param name="Changed">Nuclei that are new or other.</param>
public sealed record EditResult(long Entry, IReadOnlyList<Guid> Removed, IReadOnlyList<ReviewedNucleus> Changed);
