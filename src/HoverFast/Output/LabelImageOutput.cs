using HoverFast.Labels;
using HoverFast.Nuclei;
using HoverFast.Slides;

namespace HoverFast.Output;

/// <summary>
/// A label image of a plain picture, in memory until it is complete: 16-bit PNG. The pixels whose centre lies inside an outline get the
/// nucleus's ordinal + 1; where outlines overlap, the first keeps the pixel. More nuclei than a PNG holds go to a TIFF of the same name.
/// </summary>
internal sealed class LabelImageOutput : INucleusOutput
{
    private readonly LabelImage _image;
    private readonly Mpp? _mpp;
    private readonly OutlineRaster _raster = new();
    private int _last;

    /// <summary>Starts the image.</summary>
    /// <param name="path">Where to; <c>NAME.png</c>.</param>
    /// <param name="size">Pixels of the picture.</param>
    /// <param name="mpp">Pixel size, or null.</param>
    public LabelImageOutput(string path, PixelSize size, Mpp? mpp)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Path = path;
        _image = new LabelImage(size.Width, size.Height);
        _mpp = mpp;
    }

    /// <summary>The labels so far.</summary>
    public LabelImage Image => _image;

    /// <summary>The file that <see cref="Complete"/> leaves; known for sure only then.</summary>
    public string Path { get; private set; }

    /// <inheritdoc/>
    public void Add(in SegmentedNucleus nucleus)
    {
        _last = checked((int)nucleus.Ordinal + 1);
        LabelPainter.Label(_image, _raster.Fill(nucleus.Outline), _last);
    }

    /// <inheritdoc/>
    public void Complete()
    {
        if (_last <= LabelImageFile.HighestPngLabel)
        {
            LabelImageFile.WritePng(Path, _image);
        }
        else
        {
            Path = System.IO.Path.ChangeExtension(Path, ".tif");
            LabelImageFile.WriteTiff(Path, _image, _mpp);
        }
    }

    /// <summary>Does nothing: no file is open.</summary>
    public void Dispose()
    {
    }
}
