namespace HoverFast.Review.Fields;

/// <summary>How far a field is.</summary>
/// <param name="IsDone">Whether somebody called all its nuclei right.</param>
/// <param name="Edits">Edits that stand.</param>
/// <param name="Who">Who touched it last; null where nobody did.</param>
/// <param name="When">When, in UTC.</param>
public sealed record FieldState(bool IsDone, int Edits, string? Who, DateTimeOffset? When)
{
    /// <summary>Nobody touched it.</summary>
    public static FieldState Untouched { get; } = new(false, 0, null, null);

    /// <summary>The slide was segmented anew since the field was drawn, or its result is gone: nobody can review it any more.</summary>
    public static FieldState OfOlderResult { get; } = new(false, 0, null, null) { IsOfOlderResult = true };

    /// <summary>Whether it was drawn on a result that is no longer there.</summary>
    public bool IsOfOlderResult { get; private init; }
}
