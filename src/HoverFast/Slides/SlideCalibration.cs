namespace HoverFast.Slides;

/// <summary>A pixel size with its origin, for the manifest.</summary>
/// <param name="Mpp">Pixel size of level 0.</param>
/// <param name="Source">Where it comes from in words, for example "Aperio MPP", "OME PhysicalSizeX", "TIFF resolution tags", "given".</param>
public sealed record SlideCalibration(Mpp Mpp, string Source)
{
    /// <summary>The pixels' height where the file states one that differs from the width; null where they are square or only the width is stated.</summary>
    public Mpp? Height { get; init; }

    /// <summary>What the file states, where a pixel size that was given counts instead and is more than a tenth apart; else null.</summary>
    public SlideCalibration? Overridden { get; init; }
}
