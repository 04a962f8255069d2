namespace HoverFast.Quality;

/// <summary>The sums of a block of a field, over its pixels that were sampled; all but the last over the stained ones.</summary>
internal enum BlockNumber
{
    /// <summary>How many.</summary>
    Stained,

    /// <summary>Optical density in red; green and blue follow.</summary>
    Red,

    /// <summary>Optical density in green.</summary>
    Green,

    /// <summary>Optical density in blue.</summary>
    Blue,

    /// <summary>Squares of the difference in green to the next pixel, in steps of the picture.</summary>
    NearStep,

    /// <summary>The same to the pixel four further.</summary>
    FarStep,

    /// <summary>Those that are dark and grey, as no stain is: the rim of a bubble, dust.</summary>
    Grey,

    /// <summary>Those of them that are darker and of hardly any colour: dust.</summary>
    Dust,

    /// <summary>All pixels that were sampled, stained or not.</summary>
    Pixels,

    /// <summary>How many numbers there are.</summary>
    Count,
}
