using SkiaSharp;

namespace HoverFast.Slides;

/// <summary>A slide whose colours are brought from its ICC profile to sRGB as they are read. Disposing it disposes the slide.</summary>
internal sealed class SrgbSlide : ISlide
{
    private readonly ISlide _slide;
    private readonly SKColorSpace _from;
    private readonly SKColorSpace _to = SKColorSpace.CreateSrgb();

    private SrgbSlide(ISlide slide, SKColorSpace from)
    {
        _slide = slide;
        _from = from;
    }

    /// <inheritdoc/>
    public string Path => _slide.Path;

    /// <inheritdoc/>
    public string Format => _slide.Format;

    /// <inheritdoc/>
    public IReadOnlyList<SlideLevel> Levels => _slide.Levels;

    /// <inheritdoc/>
    public SlideCalibration? Calibration => _slide.Calibration;

    /// <inheritdoc/>
    public PixelRect Bounds => _slide.Bounds;

    /// <inheritdoc/>
    public SlideDetails Details => _slide.Details;

    /// <summary>Brings a slide to sRGB; the same slide where it carries no profile.</summary>
    /// <exception cref="SlideException">The profile is of a kind that isn't known, or damaged.</exception>
    public static ISlide Of(ISlide slide)
    {
        if (slide.Details.ColourProfile is not { } profile)
        {
            return slide;
        }

        using var icc = SKColorSpaceIccProfile.Create(profile.Span);
        var from = (icc is null ? null : SKColorSpace.CreateIcc(icc))
            ?? throw new SlideException(
                slide.Path,
                "its colour profile can't be used (profiles of a matrix and curves can); leave the colours as they are stored.");
        return from.IsSrgb ? slide : new SrgbSlide(slide, from);
    }

    /// <inheritdoc/>
    public IReadOnlyList<int> ReductionsOf(int level) => _slide.ReductionsOf(level);

    /// <inheritdoc/>
    public void Read(int level, int reduction, PixelRect region, RgbImage destination)
    {
        _slide.Read(level, reduction, region, destination);
        using var stored = new SKBitmap(new SKImageInfo(destination.Width, destination.Height, SKColorType.Rgba8888, SKAlphaType.Opaque, _from));
        RgbaToRgb.Expand(destination.Span, stored);
        using var pixels = stored.PeekPixels();
        using var converted = new SKBitmap(new SKImageInfo(destination.Width, destination.Height, SKColorType.Rgba8888, SKAlphaType.Opaque, _to));
        if (!pixels.ReadPixels(converted.Info, converted.GetPixels(), converted.RowBytes))
        {
            throw new SlideException(Path, "its colours can't be converted.");
        }

        RgbaToRgb.Convert(converted.GetPixelSpan(), destination.Span);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _slide.Dispose();
        _from.Dispose();
        _to.Dispose();
    }
}
