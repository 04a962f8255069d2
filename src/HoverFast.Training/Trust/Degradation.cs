namespace HoverFast.Training.Trust;

/// <summary>Ways in which slides go wrong.</summary>
internal enum Degradation
{
    /// <summary>The picture as it is.</summary>
    None,

    /// <summary>Out of focus; strength: sigma in pixels.</summary>
    Blur,

    /// <summary>Compressed too far; strength: JPEG quality.</summary>
    Jpeg,

    /// <summary>Pale or dark stain; strength: factor of the optical density.</summary>
    Fade,

    /// <summary>Stain of another hue; strength: factor of the density in red, the inverse of that in blue.</summary>
    Turn,

    /// <summary>Noise; strength: sigma in steps of the picture.</summary>
    Noise,

    /// <summary>A wrong pixel size; strength: what the true one is multiplied by.</summary>
    Scale,

    /// <summary>Contrast about middle grey; strength: factor.</summary>
    Contrast,

    /// <summary>Far out of focus; strength: sigma in pixels.</summary>
    Defocus,

    /// <summary>Black for white.</summary>
    Invert,

    /// <summary>Eosin turned into the brown of DAB: immunohistochemistry taken for H&amp;E.</summary>
    Ihc,

    /// <summary>No tissue at all: a smooth random pattern in two colours.</summary>
    Texture,

    /// <summary>All density in one purple stain, as of a stain without eosin.</summary>
    Purple,

    /// <summary>A fold through the picture: a strip of tissue above another; strength: its width in pixels.</summary>
    Fold,

    /// <summary>A bubble of air under the cover slip; strength: its diameter in pixels.</summary>
    Bubble,

    /// <summary>A dark speck or a fibre of no colour, in or out of focus; strength: the speck's diameter in pixels.</summary>
    Dust,
}
