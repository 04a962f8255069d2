using System.Numerics;
using HoverFast.Nuclei;

namespace HoverFast.Labels;

/// <summary>A nucleus of a file: the outer ring of each of its parts. Holes are filled.</summary>
/// <param name="Rings">Open rings, one for each part; mostly one.</param>
/// <param name="Type">Its class as the file names it, or null.</param>
internal sealed record NucleusRings(IReadOnlyList<OutlinePoint[]> Rings, string? Type = null)
{
    /// <summary>A ring as files have it, rounded to hundredths of a pixel, without the place that closes it.</summary>
    /// <exception cref="OverflowException">A place lies absurdly far away.</exception>
    /// <exception cref="InvalidDataException">Fewer than three places are left.</exception>
    public static OutlinePoint[] Open(ReadOnlySpan<(double X, double Y)> closed)
    {
        var points = new OutlinePoint[closed.Length];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = OutlinePoint.Round(closed[i].X, closed[i].Y);
        }

        if (points.Length > 1 && points[^1] == points[0])
        {
            Array.Resize(ref points, points.Length - 1);
        }

        return points.Length >= 3 ? points : throw new InvalidDataException("an outline has fewer than three points");
    }

    /// <summary>The rings in pixels.</summary>
    public IEnumerable<Vector2[]> InPixels() =>
        Rings.Select(ring => Array.ConvertAll(ring, p => p.InPixels()));
}
