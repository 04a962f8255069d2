namespace HoverFast.Slides;

/// <summary>
/// An open slide or plain image: a pyramid of levels of the same tissue. Level 0 has the full resolution.
/// Reading is thread safe. Readers throw <see cref="SlideException"/>, naming the file and the way out.
/// </summary>
public interface ISlide : IDisposable
{
    /// <summary>The file as it was given.</summary>
    string Path { get; }

    /// <summary>The format in words, for example "Aperio SVS" or "PNG".</summary>
    string Format { get; }

    /// <summary>The levels, the finest first; at least one.</summary>
    IReadOnlyList<SlideLevel> Levels { get; }

    /// <summary>The pixel size that the file states for level 0, with where it stands; null where it states none (or nonsense).</summary>
    SlideCalibration? Calibration { get; }

    /// <summary>
    /// The part of level 0 that holds the scan, in level-0 pixels (OpenSlide's bounds-x/y/width/height, DICOM's total pixel
    /// matrix); the whole level where the format has no such thing. QuPath counts coordinates from its corner.
    /// </summary>
    PixelRect Bounds { get; }

    /// <summary>What the file states beside its pixels.</summary>
    SlideDetails Details => SlideDetails.None;

    /// <summary>The powers of two by which the level's decoder can shrink while it decodes (JPEG: 1, 2, 4, 8); always holds 1.</summary>
    /// <param name="level">Index into <see cref="Levels"/>.</param>
    IReadOnlyList<int> ReductionsOf(int level);

    /// <summary>
    /// Reads a region of a level, shrunk by <paramref name="reduction"/>. Parts outside the level are white.
    /// </summary>
    /// <param name="level">Index into <see cref="Levels"/>.</param>
    /// <param name="reduction">One of <see cref="ReductionsOf"/>.</param>
    /// <param name="region">In pixels of the level divided by <paramref name="reduction"/>; may reach outside.</param>
    /// <param name="destination">Takes the pixels; its size is the region's.</param>
    /// <exception cref="SlideException">The region can't be decoded; <see cref="SlideException.Region"/> says where.</exception>
    void Read(int level, int reduction, PixelRect region, RgbImage destination);
}
