using HoverFast.Slides;

namespace HoverFast.Synthetic;

/// <summary>What a synthetic slide shall look like.</summary>
public sealed record SyntheticSlideOptions
{
    /// <summary>Full-resolution pixels.</summary>
    public PixelSize Size { get; init; } = new(20_000, 16_000);

    /// <summary>Pixel size; null leaves it out of the file.</summary>
    public Mpp? Mpp { get; init; } = new Mpp(0.25);

    /// <summary>The part of the slide that holds tissue, 0 to 1; the rest is white.</summary>
    public double TissueFraction { get; init; } = 0.1;

    /// <summary>Chooses the islands' places and the drawn tissue.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>JPEG quality, 1 to 100.</summary>
    public int JpegQuality { get; init; } = 75;

    /// <summary>In whose manner it is written.</summary>
    internal SyntheticFormat Format { get; init; } = SyntheticFormat.Svs;

    /// <summary>Whether to write BigTIFF even where the classic form would do.</summary>
    public bool BigTiff { get; init; }

    /// <summary>Whether equal tiles are stored once (a small file, quickly written) or every time (the size of a real slide).</summary>
    public bool ShareTiles { get; init; } = true;

    /// <summary>How many different pieces of tissue there are; each island shows one of them over and over.</summary>
    public int Pieces { get; init; } = 8;

    /// <summary>
    /// A folder of real H&amp;E pictures to build the tissue of (mirrored, so that they meet without a seam, and varied in stain), or null to draw it.
    /// </summary>
    public string? RealTiles { get; init; }
}
