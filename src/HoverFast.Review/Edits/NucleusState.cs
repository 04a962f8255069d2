namespace HoverFast.Review.Edits;

/// <summary>A nucleus in a review: as the model left it, and as it is now.</summary>
/// <param name="Found">As the model found it; null where a person drew it.</param>
/// <param name="Probability">How sure the model was, or null.</param>
/// <param name="Shape">As it is now; null where it is gone.</param>
/// <param name="Version">Number of the entry that changed it last; 0 where none did.</param>
internal sealed record NucleusState(Shape? Found, double? Probability, Shape? Shape, long Version)
{
    /// <summary>As programs see it.</summary>
    public ReviewedNucleus ToNucleus(Guid id, bool isInField) => new()
    {
        Id = id,
        Outline = Shape!.Outline.Flat,
        Class = Shape.Class,
        Probability = Shape == Found ? Probability : null,
        Version = Version,
        IsInField = isInField,
    };
}
