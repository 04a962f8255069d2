namespace HoverFast.Review.Edits;

/// <summary>What an edit does to one nucleus.</summary>
/// <param name="Id">The nucleus.</param>
/// <param name="Before">What it was; null where it is new.</param>
/// <param name="After">What it is; null where it is gone.</param>
internal sealed record NucleusChange(Guid Id, Shape? Before, Shape? After)
{
    /// <summary>The same the other way round.</summary>
    public NucleusChange Reversed() => new(Id, After, Before);
}
