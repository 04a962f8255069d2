using System.Numerics;

namespace HoverFast.Nuclei;

/// <summary>
/// A point of an outline in whole hundredths of a pixel, as outlines are written. Whole numbers make the rounding to two decimals, and
/// every test on what is left, exact.
/// </summary>
/// <param name="X">Hundredths of a pixel to the right.</param>
/// <param name="Y">Hundredths of a pixel downwards.</param>
internal readonly record struct OutlinePoint(int X, int Y)
{
    /// <summary>Hundredths in a pixel.</summary>
    public const int PerPixel = 100;

    /// <summary>The nearest point to a position in pixels (halves away from zero).</summary>
    /// <exception cref="OverflowException">The position lies more than 21 million pixels away.</exception>
    public static OutlinePoint Round(double x, double y) => new(ToHundredths(x), ToHundredths(y));

    /// <summary>Its position in pixels.</summary>
    internal Vector2 InPixels() => new((float)((double)X / PerPixel), (float)((double)Y / PerPixel));

    /// <summary>The box that just holds some points: its upper left and its lower right corner.</summary>
    internal static (OutlinePoint Least, OutlinePoint Most) BoxOf(ReadOnlySpan<OutlinePoint> points)
    {
        var (least, most) = (points[0], points[0]);
        foreach (var point in points)
        {
            least = new OutlinePoint(Math.Min(least.X, point.X), Math.Min(least.Y, point.Y));
            most = new OutlinePoint(Math.Max(most.X, point.X), Math.Max(most.Y, point.Y));
        }

        return (least, most);
    }

    private static int ToHundredths(double pixels) => checked((int)Math.Round(pixels * PerPixel, MidpointRounding.AwayFromZero));
}
