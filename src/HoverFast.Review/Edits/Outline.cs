using System.Text.Json;
using System.Text.Json.Serialization;
using HoverFast.Nuclei;
using HoverFast.Output;
using NetTopologySuite.Geometries;

namespace HoverFast.Review.Edits;

/// <summary>
/// The outline of a nucleus: an open ring in full-resolution pixels from the corner of the slide's bounds, in whole hundredths as files have it, valid by JTS's
/// rules. Equal where all points are.
/// </summary>
[JsonConverter(typeof(Converter))]
internal sealed class Outline : IEquatable<Outline>
{
    private static readonly GeometryFactory _factory = new();
    private readonly OutlinePoint[] _points;
    private Polygon? _polygon;

    private Outline(OutlinePoint[] points) => _points = points;

    /// <summary>The points.</summary>
    public ReadOnlySpan<OutlinePoint> Points => _points;

    /// <summary>The outline as a polygon, in pixels.</summary>
    public Polygon Polygon => _polygon ??= _factory.CreatePolygon([.. _points.Append(_points[0]).Select(p => new Coordinate(p.X / 100.0, p.Y / 100.0))]);

    /// <summary>Area in square pixels.</summary>
    public double Area => Polygon.Area;

    /// <summary>Centroid of the area.</summary>
    public Coordinate Centroid => Polygon.Centroid.Coordinate;

    /// <summary>The box around it.</summary>
    public Envelope Box => Polygon.EnvelopeInternal;

    /// <summary>Coordinates one after the other: x0, y0, x1, y1, ...</summary>
    public double[] Flat => [.. _points.SelectMany(p => new[] { p.X / 100.0, p.Y / 100.0 })];

    /// <summary>Rounds points, drops those that say nothing, mends crossings; null where nothing valid is left.</summary>
    /// <param name="flat">x0, y0, x1, y1, ... in pixels; the last point may repeat the first.</param>
    /// <exception cref="ReviewException">A coordinate is missing, no number, or beyond all slides.</exception>
    public static Outline? TryOf(IReadOnlyList<double> flat)
    {
        if (flat.Count < 6 || flat.Count % 2 != 0)
        {
            return null;
        }

        var points = new OutlinePoint[flat.Count / 2];
        for (var i = 0; i < points.Length; i++)
        {
            var (x, y) = (flat[2 * i], flat[(2 * i) + 1]);
            const double Farthest = 1e7;
            if (!(Math.Abs(x) <= Farthest && Math.Abs(y) <= Farthest))
            {
                throw new ReviewException("A point of the outline lies beyond all slides.");
            }

            points[i] = OutlinePoint.Round(x, y);
        }

        points = points[..OutlineValidity.DropRedundant(points)];
        return OutlineValidity.IsSurelyValid(points) || OutlineMender.IsValid(points) ? new Outline(points)
            : OutlineMender.Mend(points) is { } mended ? new Outline(mended)
            : null;
    }

    /// <summary>The largest polygon of a geometry, its holes filled; null where nothing valid is left.</summary>
    public static Outline? TryOf(Geometry geometry)
    {
        var largest = Enumerable.Range(0, geometry.NumGeometries).Select(geometry.GetGeometryN).OfType<Polygon>().MaxBy(p => p.Area);
        return largest is null || largest.IsEmpty ? null : TryOf([.. largest.ExteriorRing.Coordinates.SelectMany(c => new[] { c.X, c.Y })]);
    }

    /// <summary>Intersection over union.</summary>
    public double IouWith(Outline other)
    {
        if (Equals(other))
        {
            return 1;
        }

        if (!Box.Intersects(other.Box))
        {
            return 0;
        }

        var shared = Polygon.Intersection(other.Polygon).Area;
        return shared / (Area + other.Area - shared);
    }

    /// <inheritdoc/>
    public bool Equals(Outline? other) => other is not null && _points.AsSpan().SequenceEqual(other._points);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Outline);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_points.Length, _points[0], _points[^1]);

    /// <summary>As a flat list of numbers.</summary>
    private sealed class Converter : JsonConverter<Outline>
    {
        public override Outline Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            // What the log holds was valid when it was written, and its hash is right: taken as it stands.
            var flat = JsonSerializer.Deserialize<double[]>(ref reader, options);
            return flat is { Length: >= 6 } && flat.Length % 2 == 0 && Array.TrueForAll(flat, v => Math.Abs(v) <= 1e7)
                ? new Outline([.. Enumerable.Range(0, flat.Length / 2).Select(i => OutlinePoint.Round(flat[2 * i], flat[(2 * i) + 1]))])
                : throw new JsonException("an outline is none");
        }

        public override void Write(Utf8JsonWriter writer, Outline value, JsonSerializerOptions options)
        {
            writer.WriteStartArray();
            foreach (var point in value._points)
            {
                writer.WriteNumberValue(point.X / 100m);
                writer.WriteNumberValue(point.Y / 100m);
            }

            writer.WriteEndArray();
        }
    }
}
