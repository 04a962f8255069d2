using System.Buffers;

namespace HoverFast.Slides;

/// <summary>A level of a slide as its decoder shrinks it: the source that pixels of a coarser grid are made from.</summary>
/// <param name="Slide">The slide.</param>
/// <param name="Level">Index of the level.</param>
/// <param name="Reduction">One of its reductions.</param>
internal sealed record ReducedLevel(ISlide Slide, int Level, int Reduction)
{
    /// <summary>Source rows read at a time, so that scratch memory stays small: a part of a row of stored tiles, which are decoded once and kept.</summary>
    public const int BandRows = 64;

    /// <summary>Pixels of the shrunk level.</summary>
    public PixelSize Size { get; } = SizeOf(Slide, Level, Reduction);

    /// <summary>Level-0 pixels in one of its pixels.</summary>
    public double Downsample => Slide.Levels[Level].Downsample * Reduction;

    /// <summary>Pixels of a level that its decoder shrinks.</summary>
    public static PixelSize SizeOf(ISlide slide, int level, int reduction)
    {
        var size = slide.Levels[level].Size;
        return new PixelSize((size.Width + reduction - 1) / reduction, (size.Height + reduction - 1) / reduction);
    }

    /// <summary>Averages (or, below a ratio of 1, interpolates) a rectangle of a grid over this level.</summary>
    /// <param name="rect">The rectangle, in pixels of the grid.</param>
    /// <param name="ratio">This level's pixels in one of the grid.</param>
    /// <param name="grid">Pixels of the whole grid.</param>
    /// <param name="destination">Takes the pixels.</param>
    /// <param name="vectors">Whether to use the vector unit; the result is the same.</param>
    /// <exception cref="SlideException">The region can't be decoded.</exception>
    public void ReadResampled(WorkingRect rect, double ratio, PixelSize grid, RgbImage destination, bool vectors)
    {
        var horizontal = Resampler.Kernel.Make(rect.X, rect.Width, ratio, Size.Width, grid.Width);
        var vertical = Resampler.Kernel.Make(rect.Y, rect.Height, ratio, Size.Height, grid.Height);
        var left = horizontal.First[0];
        var width = horizontal.End - left;
        var rows = Math.Clamp((int)(BandRows / ratio), 1, rect.Height);
        var mostSourceRows = (int)Math.Ceiling(rows * ratio) + vertical.Taps + 1;
        var pixels = ArrayPool<byte>.Shared.Rent(checked(width * mostSourceRows * 3));
        var middle = ArrayPool<ushort>.Shared.Rent(checked(rect.Width * mostSourceRows * 3));
        try
        {
            for (var y = 0; y < rect.Height; y += rows)
            {
                var count = Math.Min(rows, rect.Height - y);
                var top = vertical.First[y];
                var height = vertical.First[y + count - 1] + vertical.Taps - top;
                var band = new RgbImage(width, height, pixels);
                Slide.Read(Level, Reduction, new PixelRect(left, top, width, height), band);
                Resampler.Resample(band, left, top, horizontal, vertical, y, count, middle, destination, vectors);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pixels);
            ArrayPool<ushort>.Shared.Return(middle);
        }
    }
}
