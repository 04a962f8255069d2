namespace HoverFast.Review.Models;

/// <summary>
/// Panoptic quality on a set of pictures before and after, as it was measured when a model was made: of the reviewed fields the mean over fields, of known
/// tissue over all its nuclei together.
/// </summary>
/// <param name="Set">Name of the set. The reviewed fields are scored by weights that did not learn them.</param>
/// <param name="Images">How many pictures.</param>
/// <param name="Before">Of the model that it began with.</param>
/// <param name="After">Of this one.</param>
/// <param name="Gain">The gain.</param>
/// <param name="Low">Lower end of the gain's 95 % interval over pictures; null where one picture gives none.</param>
/// <param name="High">Upper end, or null likewise.</param>
public sealed record RegisteredScore(string Set, int Images, double Before, double After, double Gain, double? Low, double? High);
