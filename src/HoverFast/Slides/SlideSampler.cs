using System.Buffers;

namespace HoverFast.Slides;

/// <summary>
/// Reads a slide on the model's working grid, whatever the slide's own pixel size: takes the coarsest stored level (and the decoder's own
/// shrinking) that isn't coarser than the grid, and averages over areas from there. A pixel's value doesn't depend on the rectangle
/// asked for. Outside of the slide is white. Thread safe.
/// </summary>
internal sealed class SlideSampler
{
    /// <summary>A level may be this much coarser than the grid: writers round the sizes of levels.</summary>
    private const double CoarserBy = 1.02;

    private readonly ISlide _slide;
    private readonly SlideLevel _level;
    private readonly ReducedLevel _source;
    private readonly double _ratio;

    /// <summary>Makes a sampler.</summary>
    /// <param name="slide">The slide; stays the caller's.</param>
    /// <param name="slideMpp">Pixel size of its level 0 (<see cref="SlideCalibrator"/>).</param>
    /// <param name="workingMpp">Pixel size that the model wants.</param>
    public SlideSampler(ISlide slide, Mpp slideMpp, Mpp workingMpp)
    {
        ArgumentNullException.ThrowIfNull(slide);
        _slide = slide;
        Grid = new WorkingGrid(slide.Levels[0].Size, slideMpp, workingMpp);
        (_level, Reduction) = Choose(slide, Grid.Scale);
        _source = new ReducedLevel(slide, _level.Index, Reduction);
        var ratio = Grid.Scale / _source.Downsample;

        // A sum of roundings in the level's size, not a real difference.
        _ratio = Math.Abs(ratio - Math.Round(ratio)) < 1e-6 ? Math.Round(ratio) : ratio;
    }

    /// <summary>The working grid.</summary>
    public WorkingGrid Grid { get; }

    /// <summary>The level that is read.</summary>
    public int Level => _level.Index;

    /// <summary>By how much its decoder shrinks.</summary>
    public int Reduction { get; }

    /// <summary>Whether the vector unit may be used; the pixels are the same without.</summary>
    internal bool Vectors { get; init; } = true;

    /// <summary>Reads a rectangle of the working grid; it may reach outside of the slide.</summary>
    /// <exception cref="SlideException">The region can't be decoded; <see cref="SlideException.Region"/> says where.</exception>
    public RgbImage Read(WorkingRect rect)
    {
        var image = new RgbImage(rect.Width, rect.Height);
        Read(rect, image);
        return image;
    }

    /// <summary>As <see cref="Read(WorkingRect)"/>, into the caller's memory.</summary>
    /// <param name="rect">The rectangle.</param>
    /// <param name="destination">Of the rectangle's size.</param>
    /// <exception cref="SlideException">The region can't be decoded; <see cref="SlideException.Region"/> says where.</exception>
    public void Read(WorkingRect rect, RgbImage destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (destination.Width != rect.Width || destination.Height != rect.Height)
        {
            throw new ArgumentException($"The rectangle has {rect.Width} x {rect.Height} pixels, the destination {destination.Size}.", nameof(destination));
        }

        if (_ratio == 1)
        {
            _slide.Read(Level, Reduction, new PixelRect(rect.X, rect.Y, rect.Width, rect.Height), destination);
        }
        else if (_ratio is 2 or 4)
        {
            Average(rect, destination, (int)_ratio);
        }
        else
        {
            _source.ReadResampled(rect, _ratio, Grid.Size, destination, Vectors);
        }
    }

    private static (SlideLevel Level, int Reduction) Choose(ISlide slide, double scale)
    {
        var best = (slide.Levels[0], 1);
        var coarsest = 0.0;
        foreach (var level in slide.Levels)
        {
            foreach (var reduction in slide.ReductionsOf(level.Index))
            {
                // Of two that are equally coarse the stored level wins: it has fewer bytes to decode.
                var factor = level.Downsample * reduction;
                if (factor <= scale * CoarserBy && factor >= coarsest)
                {
                    coarsest = factor;
                    best = (level, reduction);
                }
            }
        }

        return best;
    }

    private void Average(WorkingRect rect, RgbImage destination, int factor)
    {
        var width = rect.Width * factor;
        var rows = Math.Max(1, ReducedLevel.BandRows / factor);
        var pixels = ArrayPool<byte>.Shared.Rent(checked(width * rows * factor * 3));
        try
        {
            for (var y = 0; y < rect.Height; y += rows)
            {
                var count = Math.Min(rows, rect.Height - y);
                var band = new RgbImage(width, count * factor, pixels);
                _slide.Read(Level, Reduction, new PixelRect(rect.X * factor, (rect.Y + y) * factor, width, count * factor), band);
                for (var row = 0; row < count; row++)
                {
                    if (factor == 2)
                    {
                        Resampler.Halve(band.Row(row * 2), band.Row((row * 2) + 1), destination.Row(y + row), Vectors);
                    }
                    else
                    {
                        Resampler.Quarter(band.Span.Slice(row * 4 * width * 3, 4 * width * 3), width * 3, destination.Row(y + row), Vectors);
                    }
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pixels);
        }
    }
}
