using HoverFast.Review.Edits;

namespace HoverFast.Review.Fields;

/// <summary>A field as it is now.</summary>
/// <param name="Field">The field.</param>
/// <param name="State">How far it is.</param>
/// <param name="Nuclei">Its nuclei, and those beside it, to <see cref="SessionPlan.Margin"/>.</param>
/// <param name="Entry">The last entry of the slide's log: what an edit says it has <see cref="NucleusEdit.Seen"/>.</param>
/// <param name="Classes">Classes that nuclei of the slide's fields have.</param>
public sealed record FieldView(ReviewField Field, FieldState State, IReadOnlyList<ReviewedNucleus> Nuclei, long Entry, IReadOnlyList<string> Classes);
