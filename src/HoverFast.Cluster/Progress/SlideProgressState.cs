namespace HoverFast.Cluster.Progress;

/// <summary>How far a slide of a plan is.</summary>
public enum SlideProgressState
{
    /// <summary>Nobody has begun it.</summary>
    Waiting,

    /// <summary>A run is at it.</summary>
    Running,

    /// <summary>A run was at it and was stopped, or died; the next one goes on from its finished tiles.</summary>
    Interrupted,

    /// <summary>Its result stands.</summary>
    Done,

    /// <summary>The last run that tried could not do it.</summary>
    Failed,
}
