namespace HoverFast.Model;

/// <summary>
/// The branch of a student that tells nucleus types. It takes the features of a level and of the next coarser one on the way up, so that it sees a
/// nucleus and its neighbourhood, and gives one answer for each pixel of that level; what is no nucleus it isn't asked about.
/// </summary>
public sealed record TypeBranch
{
    /// <summary>Nucleus types; 0 for a network without.</summary>
    public int Count { get; init; }

    /// <summary>Channels, a multiple of 16.</summary>
    public int Width { get; init; } = 32;

    /// <summary>The level whose pixels it answers for.</summary>
    public int Level { get; init; } = 1;
}
