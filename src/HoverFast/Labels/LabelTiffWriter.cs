using HoverFast.Slides;
using HoverFast.Slides.Tiff;

namespace HoverFast.Labels;

/// <summary>
/// Writes labels as OME-TIFF: tiled, deflated 32-bit numbers with a sign (QuPath reads no other whole numbers of 32 bits), smaller levels as SubIFDs, BigTIFF
/// where the plain form could not address it. Smaller levels take every second pixel of the level before: labels can't be averaged.
/// </summary>
internal sealed class LabelTiffWriter
{
    private const long LargestPlainLabels = 1L << 30;

    private readonly TiffWriter _tiff;
    private readonly Mpp? _mpp;

    /// <summary>Begins a file.</summary>
    /// <param name="file">Empty, seekable and readable; stays open.</param>
    /// <param name="size">Pixels of the image.</param>
    /// <param name="mpp">Pixel size, for OME's description and the resolution tags; null leaves them out.</param>
    public LabelTiffWriter(Stream file, PixelSize size, Mpp? mpp)
    {
        _mpp = mpp;

        // Deflate makes labels at least a little smaller, smaller levels add a third, and rewritten tiles cost at most as much again: far below 4 GB.
        _tiff = new TiffWriter(file, size.Area * sizeof(int) > LargestPlainLabels);
        Plane = new PlanePyramid<int>(file, _tiff, size, static (first, _, _, _) => first);
    }

    /// <summary>The labels; 0 is background.</summary>
    public PlanePyramid<int> Plane { get; }

    /// <summary>Writes the smaller levels and the directories: the file is whole.</summary>
    public void Finish()
    {
        const ushort WithSign = 2;
        Plane.Finish();
        IEnumerable<TiffField> more = [TiffField.Text(TiffTag.ImageDescription, OmeDescription.Of("Nuclei", "int32", Plane.Full.Size, _mpp, [null])), .. _mpp is { } mpp ? TiffField.Resolution(mpp) : []];
        _tiff.Link(_tiff.FirstLink, Plane.WriteDirectories(WithSign, more, out _));
    }
}
