namespace HoverFast.Pipeline;

/// <summary>The steps of the main line whose time is told.</summary>
public enum Stage
{
    /// <summary>Decoding and resampling tiles.</summary>
    Read,

    /// <summary>The network.</summary>
    Infer,

    /// <summary>From maps to outlines: components, watershed, contours, ownership.</summary>
    Find,

    /// <summary>Shape and stain of each nucleus.</summary>
    Measure,

    /// <summary>Journal and outputs.</summary>
    Write,
}
