namespace HoverFast.Pipeline;

/// <summary>What a warning about a finished slide is about, so that a program can add its own advice.</summary>
public enum SlideWarningKind
{
    /// <summary>No tissue was found.</summary>
    NoTissue,

    /// <summary>The nuclei's size or number can't be true: the pixel size is probably wrong.</summary>
    PixelSize,

    /// <summary>The file states another pixel size than the one that was given, which was taken.</summary>
    PixelSizeOverridden,

    /// <summary>Damaged regions were taken as blank.</summary>
    Damage,

    /// <summary>The slide differs from what the model learned, or little accuracy is expected.</summary>
    Quality,

    /// <summary>Fields with artefacts were left out.</summary>
    Artefacts,

    /// <summary>Outlines had to be mended or were left out.</summary>
    Outlines,

    /// <summary>The slide, or part of it, does not look like the tissue that the model was adapted to.</summary>
    OtherTissue,
}
