namespace HoverFast.Quality;

/// <summary>The sums of a block of a field, over its stained pixels that were sampled.</summary>
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

    /// <summary>How many numbers there are.</summary>
    Count,
}
