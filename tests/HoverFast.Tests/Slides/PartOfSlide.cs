using HoverFast.Slides;

namespace HoverFast.Tests.Slides;

/// <summary>A slide of whose level 0 a part was scanned, as of MIRAX and Leica; the one that it is made of stays the caller's.</summary>
internal sealed class PartOfSlide(ISlide inner, PixelRect bounds) : ISlide
{
    public string Path => inner.Path;

    public string Format => inner.Format;

    public IReadOnlyList<SlideLevel> Levels => inner.Levels;

    public SlideCalibration? Calibration => inner.Calibration;

    public PixelRect Bounds => bounds;

    public IReadOnlyList<int> ReductionsOf(int level) => inner.ReductionsOf(level);

    public void Read(int level, int reduction, PixelRect region, RgbImage destination) => inner.Read(level, reduction, region, destination);

    public void Dispose()
    {
    }
}
