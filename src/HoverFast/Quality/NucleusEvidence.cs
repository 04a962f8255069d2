namespace HoverFast.Quality;

/// <summary>What tells a good outline from a doubtful one: the places of the numbers in a row of evidence, and their names.</summary>
internal static class NucleusEvidence
{
    /// <summary>Logit of the mean probability.</summary>
    public const int Probability = 0;

    /// <summary>Boundary confidence.</summary>
    public const int Boundary = 1;

    /// <summary>Logarithm of the area in square microns.</summary>
    public const int Area = 2;

    /// <summary>Circularity.</summary>
    public const int Circularity = 3;

    /// <summary>Minor over major axis.</summary>
    public const int AxisRatio = 4;

    /// <summary>Mean probability a little outside of the outline.</summary>
    public const int Halo = 5;

    /// <summary>Mean probability well inside of the outline.</summary>
    public const int Core = 6;

    /// <summary>How far the HV maps point outwards at the outline, 1 where they are as taught.</summary>
    public const int Outward = 7;

    /// <summary>Standard deviation of the same over the outline.</summary>
    public const int OutwardSpread = 8;

    /// <summary>Optical density (mean of the three channels) well inside of the outline.</summary>
    public const int Density = 9;

    /// <summary>Optical density inside less that outside.</summary>
    public const int Contrast = 10;

    /// <summary>Share of that step which lies within half a micron of the outline: low where the picture is blurred.</summary>
    public const int Step = 11;

    /// <summary>Density in red less that in blue, over the sum of all: what tells haematoxylin from eosin.</summary>
    public const int Hue = 12;

    /// <summary>Share of the outline that runs along another nucleus.</summary>
    public const int Touching = 13;

    /// <summary>Logarithm of one more than the neighbours in reach.</summary>
    public const int Neighbours = 14;

    /// <summary>Mean boundary confidence of the nucleus and its neighbours.</summary>
    public const int LocalBoundary = 15;

    /// <summary>Mean logit of the probability of the nucleus and its neighbours.</summary>
    public const int LocalProbability = 16;

    /// <summary>Area over the geometric mean area of the nucleus and its neighbours, as a logarithm.</summary>
    public const int LocalArea = 17;

    /// <summary>How many numbers a row has.</summary>
    public const int Count = 18;

    /// <summary>Their names in the order of a row, as the file of coefficients has them.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "probability", "boundary", "area", "circularity", "axisRatio", "halo", "core", "outward", "outwardSpread", "density", "contrast", "step", "hue",
        "touching", "neighbours", "localBoundary", "localProbability", "localArea",
    ];
}
