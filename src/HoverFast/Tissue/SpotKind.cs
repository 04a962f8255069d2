namespace HoverFast.Tissue;

/// <summary>What a spot of the slide, a few microns wide, looks like.</summary>
internal enum SpotKind
{
    /// <summary>Glass, or dust and shadows on it: bright, or grey without a hue.</summary>
    Glass,

    /// <summary>Stained tissue: pink, violet, blue-grey or brown.</summary>
    Tissue,

    /// <summary>Marker pen: green, blue, red or black.</summary>
    Ink,

    /// <summary>Black where the scanner saw nothing.</summary>
    Fill,
}
