using System.Globalization;

namespace HoverFast.Slides;

/// <summary>A pixel size in microns per pixel (um/px), the same in x and y. A 40x scan is about 0.25, a 20x scan about 0.5.</summary>
public readonly record struct Mpp
{
    private readonly double _value;

    /// <summary>Makes a pixel size.</summary>
    /// <param name="micronsPerPixel">Microns per pixel; finite, between 0.01 and 1000.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside that range, so it can't be a pixel size.</exception>
    public Mpp(double micronsPerPixel)
    {
        if (!IsPossible(micronsPerPixel))
        {
            throw new ArgumentOutOfRangeException(nameof(micronsPerPixel), micronsPerPixel, "A pixel size lies between 0.01 and 1000 microns.");
        }

        _value = micronsPerPixel;
    }

    /// <summary>Microns per pixel.</summary>
    public double MicronsPerPixel => _value;

    /// <summary>Whether a number can be a pixel size at all (finite, 0.01 to 1000 um/px).</summary>
    public static bool IsPossible(double micronsPerPixel) => double.IsFinite(micronsPerPixel) && micronsPerPixel is >= 0.01 and <= 1000;

    /// <summary>The pixel size that goes with an objective magnification by the usual rule 10 / magnification (40x is 0.25).</summary>
    /// <param name="magnification">Objective power, for example 20 or 40.</param>
    public static Mpp FromMagnification(double magnification) => new(10.0 / magnification);

    /// <summary>How many pixels of this size lie side by side in one pixel of size <paramref name="coarser"/>.</summary>
    public double PixelsIn(Mpp coarser) => coarser._value / _value;

    /// <summary>For example "0.2500 um/px".</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{_value:0.0000} um/px");
}
