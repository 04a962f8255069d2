namespace HoverFast.Quality;

/// <summary>The sums of a field, over the pixels that were sampled and over its nuclei.</summary>
internal enum FieldNumber
{
    /// <summary>Pixels sampled where tissue is looked for.</summary>
    Pixels,

    /// <summary>Those that are stained.</summary>
    Stained,

    /// <summary>Those that are nearly black in all colours.</summary>
    Black,

    /// <summary>Those that are white to the last step in all colours.</summary>
    White,

    /// <summary>Those of a colour that no H&amp;E stain has: ink.</summary>
    Ink,

    /// <summary>Optical density in red of the stained pixels; green and blue follow.</summary>
    Red,

    /// <summary>Optical density in green.</summary>
    Green,

    /// <summary>Optical density in blue.</summary>
    Blue,

    /// <summary>Squares of the density in red.</summary>
    RedRed,

    /// <summary>Squares of the density in green.</summary>
    GreenGreen,

    /// <summary>Squares of the density in blue.</summary>
    BlueBlue,

    /// <summary>Products of the densities in red and green.</summary>
    RedGreen,

    /// <summary>Products of the densities in red and blue.</summary>
    RedBlue,

    /// <summary>Products of the densities in green and blue.</summary>
    GreenBlue,

    /// <summary>Squares of the difference in green between a stained pixel and the next, in steps of the picture.</summary>
    NearStep,

    /// <summary>The same between a pixel and the one four further.</summary>
    FarStep,

    /// <summary>Squares of the second difference in green.</summary>
    Curvature,

    /// <summary>Nucleus probability of all pixels sampled.</summary>
    Probability,

    /// <summary>Four times probability times one less probability: 1 where the network is of two minds.</summary>
    Doubt,

    /// <summary>Pixels with a probability of a half and more.</summary>
    Inside,

    /// <summary>The larger of both HV maps' magnitudes at those.</summary>
    Offset,

    /// <summary>Nuclei.</summary>
    Nuclei,

    /// <summary>Sum of their match probabilities.</summary>
    Match,

    /// <summary>Sum of the logits of these, 4 at most.</summary>
    MatchLogit,

    /// <summary>Sum of the squares of the logits of their mean probabilities.</summary>
    ProbabilityLogitSquares,

    /// <summary>Nuclei of low boundary confidence.</summary>
    WeakBoundary,

    /// <summary>Their area in square microns.</summary>
    NucleusArea,

    /// <summary>The first number of the nuclei's evidence.</summary>
    Evidence,
}
