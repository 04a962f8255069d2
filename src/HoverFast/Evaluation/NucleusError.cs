namespace HoverFast.Evaluation;

/// <summary>What became of a nucleus in a segmentation.</summary>
internal enum NucleusError
{
    /// <summary>Right: IoU above 0.5.</summary>
    None,

    /// <summary>A true nucleus that nothing covers to speak of.</summary>
    Missed,

    /// <summary>A true nucleus that shares the found nucleus which covers it with another true one.</summary>
    Merged,

    /// <summary>A true nucleus of which several found ones cover most.</summary>
    Split,

    /// <summary>A true nucleus with one found nucleus of its own, of poor outline: IoU of 0.5 or less.</summary>
    PoorOutline,

    /// <summary>A found nucleus where no true one is to speak of.</summary>
    False,
}
