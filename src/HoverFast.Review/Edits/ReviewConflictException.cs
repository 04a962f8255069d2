namespace HoverFast.Review.Edits;

/// <summary>An edit of something that somebody else changed meanwhile. Nothing was done.</summary>
/// <param name="entry">Number of the other change.</param>
/// <param name="who">Who made it.</param>
/// <param name="when">When.</param>
/// <param name="what">What was done.</param>
public sealed class ReviewConflictException(long entry, string who, DateTimeOffset when, EditKind what)
    : Exception($"{who} changed this meanwhile ({what}, {when:HH:mm:ss} UTC, entry {entry}). Nothing was done; look again and decide.")
{
    /// <summary>Number of the other change.</summary>
    public long Entry => entry;

    /// <summary>Who made it.</summary>
    public string Who => who;

    /// <summary>When.</summary>
    public DateTimeOffset When => when;
}
