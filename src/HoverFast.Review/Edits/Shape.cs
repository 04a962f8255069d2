namespace HoverFast.Review.Edits;

/// <summary>What is known of a nucleus at one time: where it is and of which class.</summary>
/// <param name="Outline">Its outline.</param>
/// <param name="Class">Its class, or null.</param>
internal sealed record Shape(Outline Outline, string? Class = null);
