using HoverFast.Slides;

namespace HoverFast.Tests.Slides;

/// <summary>A slide none of whose regions can be read; the one that it is made of stays the caller's.</summary>
internal sealed class FailingSlide(ISlide inner, SlideException error) : ISlide
{
    public string Path => inner.Path;

    public string Format => inner.Format;

    public IReadOnlyList<SlideLevel> Levels => inner.Levels;

    public SlideCalibration? Calibration => inner.Calibration;

    public PixelRect Bounds => inner.Bounds;

    public IReadOnlyList<int> ReductionsOf(int level) => inner.ReductionsOf(level);

    public void Read(int level, int reduction, PixelRect region, RgbImage destination) => throw error;

    public void Dispose()
    {
    }
}
