namespace HoverFast.Server.Nuclei;

/// <summary>What an index tells of all nuclei of a slide.</summary>
internal sealed record IndexSummary
{
    /// <summary>Nuclei.</summary>
    public required int Count { get; init; }

    /// <summary>Their measurements.</summary>
    public required IReadOnlyList<Measurement> Measurements { get; init; }

    /// <summary>Their classes.</summary>
    public required IReadOnlyList<NucleusClass> Classes { get; init; }

    /// <summary>Full-resolution pixels of the slide's bounds.</summary>
    public required int Width { get; init; }

    /// <summary>Full-resolution pixels of the slide's bounds.</summary>
    public required int Height { get; init; }

    /// <summary>Pixel size in um.</summary>
    public required double Mpp { get; init; }

    /// <summary>Full-resolution pixels on a side of a cell of the density map.</summary>
    public required int DensityCell { get; init; }

    /// <summary>A measurement.</summary>
    /// <param name="Name">As the result calls it.</param>
    /// <param name="Low">Lower edge of the first bin.</param>
    /// <param name="High">Upper edge of the last bin.</param>
    /// <param name="Bins">Nuclei in each of <see cref="RangeHistogram.Bins"/>; the first and last hold what lies beyond.</param>
    internal sealed record Measurement(string Name, double Low, double High, long[] Bins);

    /// <summary>A class.</summary>
    /// <param name="Name">As the result calls it.</param>
    /// <param name="Color">Red, green, blue.</param>
    /// <param name="Count">Nuclei of it.</param>
    internal sealed record NucleusClass(string Name, int[] Color, int Count);
}
