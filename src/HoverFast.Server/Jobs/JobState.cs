namespace HoverFast.Server.Jobs;

/// <summary>What has become of a segmentation.</summary>
internal enum JobState
{
    /// <summary>Its turn has not come.</summary>
    Waiting,

    /// <summary>Under way; after the server was killed, it goes on from the finished tiles.</summary>
    Running,

    /// <summary>The result stands.</summary>
    Done,

    /// <summary>It could not be done.</summary>
    Failed,

    /// <summary>Somebody stopped it; its finished tiles are kept.</summary>
    Cancelled,
}
