namespace HoverFast.Jobs;

/// <summary>What became of an input.</summary>
public enum SlideState
{
    /// <summary>It was segmented, and its result stands.</summary>
    Done,

    /// <summary>Its result stood already: same slide, model, settings and program.</summary>
    Kept,

    /// <summary>It could not be segmented.</summary>
    Failed,
}
