namespace HoverFast.Cluster.Batches;

/// <summary>What an event tells of a slide.</summary>
internal enum SlideEventKind
{
    /// <summary>It was begun.</summary>
    Started,

    /// <summary>Another run is writing its result, and is waited for.</summary>
    Waiting,

    /// <summary>It was segmented.</summary>
    Done,

    /// <summary>Its result stood already.</summary>
    Kept,

    /// <summary>It could not be segmented.</summary>
    Failed,

    /// <summary>The run was stopped while it was under way; its finished tiles are kept.</summary>
    Stopped,
}
