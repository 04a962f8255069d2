namespace HoverFast.Slides;

/// <summary>A plain picture (PNG, JPEG ...) as a slide of one level, held in memory.</summary>
internal sealed class ImageSlide : ISlide
{
    private readonly RgbImage _image;

    /// <summary>Makes a slide of a picture in memory.</summary>
    /// <param name="path">Name for messages.</param>
    /// <param name="format">Format in words.</param>
    /// <param name="image">The picture; it is not copied.</param>
    public ImageSlide(string path, string format, RgbImage image)
    {
        Path = path;
        Format = format;
        _image = image;
        Levels = [new SlideLevel(0, image.Size, 1, image.Size)];
        Bounds = new PixelRect(0, 0, image.Width, image.Height);
    }

    /// <inheritdoc/>
    public string Path { get; }

    /// <inheritdoc/>
    public string Format { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SlideLevel> Levels { get; }

    /// <summary>Null: the densities that pictures carry are those of screens and printers.</summary>
    public SlideCalibration? Calibration => null;

    /// <inheritdoc/>
    public PixelRect Bounds { get; }

    /// <inheritdoc/>
    public SlideDetails Details { get; private init; } = SlideDetails.None;

    /// <summary>Reads the whole file.</summary>
    public static ImageSlide Open(string path)
    {
        var image = RgbImageFile.Read(path, out var format);
        return new ImageSlide(path, format, image)
        {
            Details = new SlideDetails { ColourProfile = PictureProfile.Of(path) is { } profile ? (ReadOnlyMemory<byte>?)profile : null },
        };
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> ReductionsOf(int level) => [1];

    /// <inheritdoc/>
    public void Read(int level, int reduction, PixelRect region, RgbImage destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNotEqual(level, 0);
        ArgumentOutOfRangeException.ThrowIfNotEqual(reduction, 1);
        RegionCopy.Check(region, destination);
        var inside = region.Intersect(Bounds);
        if (inside != region)
        {
            destination.Span.Fill(255);
        }

        RegionCopy.Copy(_image.Span, Bounds, inside, region, destination);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
