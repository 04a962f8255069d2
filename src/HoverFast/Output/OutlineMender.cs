using HoverFast.Nuclei;
using NetTopologySuite.Geometries;
using NetTopologySuite.Geometries.Utilities;
using NetTopologySuite.Precision;

namespace HoverFast.Output;

/// <summary>Makes a valid outline of an invalid one with NetTopologySuite, which implements JTS's rules.</summary>
internal static class OutlineMender
{
    private static readonly GeometryFactory _factory = new();
    private static readonly PrecisionModel _hundredths = new(1);

    /// <summary>Whether NetTopologySuite calls an open ring valid.</summary>
    public static bool IsValid(ReadOnlySpan<OutlinePoint> ring) => ring.Length >= 3 && ToPolygon(ring).IsValid;

    /// <summary>
    /// The outer ring of the largest valid part, or null where nothing is left. Loops that cross are taken apart, spikes cut off.
    /// </summary>
    public static OutlinePoint[]? Mend(ReadOnlySpan<OutlinePoint> ring)
    {
        if (ring.Length < 3)
        {
            return null;
        }

        Geometry mended;
        try
        {
            mended = GeometryPrecisionReducer.Reduce(GeometryFixer.Fix(ToPolygon(ring)), _hundredths);
        }
        catch (TopologyException)
        {
            return null;
        }

        Polygon? largest = null;
        for (var i = 0; i < mended.NumGeometries; i++)
        {
            if (mended.GetGeometryN(i) is Polygon { IsEmpty: false } part && (largest is null || part.Area > largest.Area))
            {
                largest = part;
            }
        }

        if (largest is null)
        {
            return null;
        }

        var corners = largest.ExteriorRing.Coordinates;
        var points = new OutlinePoint[corners.Length - 1];
        for (var i = 0; i < points.Length; i++)
        {
            points[i] = new OutlinePoint((int)Math.Round(corners[i].X) + ring[0].X, (int)Math.Round(corners[i].Y) + ring[0].Y);
        }

        var left = OutlineValidity.DropRedundant(points);
        points = points[..left];
        return OutlineValidity.IsSurelyValid(points) || IsValid(points) ? points : null;
    }

    /// <summary>In whole hundredths from the first point, which doubles hold exactly: NetTopologySuite judges what is written.</summary>
    private static Polygon ToPolygon(ReadOnlySpan<OutlinePoint> ring)
    {
        var corners = new Coordinate[ring.Length + 1];
        for (var i = 0; i < ring.Length; i++)
        {
            corners[i] = new Coordinate((double)ring[i].X - ring[0].X, (double)ring[i].Y - ring[0].Y);
        }

        corners[^1] = corners[0].Copy();
        return _factory.CreatePolygon(corners);
    }
}
