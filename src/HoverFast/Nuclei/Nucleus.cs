using System.Numerics;

namespace HoverFast.Nuclei;

/// <summary>
/// One segmented nucleus. The post-processing makes it in map pixels; <see cref="Transformed"/> takes it to the slide's
/// full-resolution pixels. A point (x, y) is measured from the upper left corner of pixel (0,0), so that pixel's centre is (0.5, 0.5).
/// </summary>
internal sealed class Nucleus
{
    /// <summary>Makes a nucleus from its outline.</summary>
    /// <param name="contour">Outline: at least three distinct points, not closed (the first is not repeated), without self-intersection.</param>
    public Nucleus(Vector2[] contour)
    {
        ArgumentNullException.ThrowIfNull(contour);
        if (contour.Length < 3)
        {
            throw new ArgumentException("An outline has at least three points.", nameof(contour));
        }

        Contour = contour;
    }

    /// <summary>The outline, open (first point not repeated).</summary>
    public Vector2[] Contour { get; }

    /// <summary>Centroid of the outline's area. It decides which tile owns the nucleus.</summary>
    public required Vector2 Centroid { get; init; }

    /// <summary>Area of the outline, in square pixels of the same grid as <see cref="Contour"/>.</summary>
    public required double Area { get; init; }

    /// <summary>Mean nucleus probability of its pixels, 0 to 1.</summary>
    public required float MeanProbability { get; init; }

    /// <summary>
    /// How sharply the probability falls at the outline, 0 (flat) to 1 (a step): the mean over the outline of the difference between
    /// the probability one map pixel inside and one map pixel outside.
    /// </summary>
    public required float BoundaryConfidence { get; init; }

    /// <summary>
    /// Calibrated chance that a person's outline matches this one (IoU above 0.5), 0 to 1; NaN where it was not judged.
    /// </summary>
    public float MatchProbability { get; internal set; } = float.NaN;

    /// <summary>Nucleus type, for models that know types; 0 where they don't.</summary>
    public int Type { get; init; }

    /// <summary>
    /// Probability of its most probable type where the model's card says how that is made (<see cref="Model.ModelCard.TypeContext"/>), else the share of its pixels that
    /// have the type which most of them have; 0 to 1, 0 for models that don't know types.
    /// </summary>
    public float TypeProbability { get; init; }

    /// <summary>What its type is made of, for who fits that (<see cref="TypeRule.KeepsInputs"/>); else null.</summary>
    internal double[]? TypeInputs { get; init; }

    /// <summary>The part of the nucleus in a rectangle: the working grid reaches beyond the slide by up to a pixel. Itself where it lies inside.</summary>
    internal Nucleus Clipped(float left, float top, float right, float bottom)
    {
        if (Array.TrueForAll(Contour, p => p.X >= left && p.X <= right && p.Y >= top && p.Y <= bottom))
        {
            return this;
        }

        var points = OutlineClip.To(Contour, left, top, right, bottom);
        if (points.Length < 3)
        {
            return this;
        }

        var (area, centroid) = OutlineClip.AreaOf(points);
        return new Nucleus(points)
        {
            Centroid = area > 0 ? centroid : Centroid,
            Area = area,
            MeanProbability = MeanProbability,
            BoundaryConfidence = BoundaryConfidence,
            MatchProbability = MatchProbability,
            Type = Type,
            TypeProbability = TypeProbability,
            TypeInputs = TypeInputs,
        };
    }

    /// <summary>The nucleus on another grid: every point p becomes p * scale + offset.</summary>
    public Nucleus Transformed(double scale, double offsetX, double offsetY)
    {
        var moved = new Vector2[Contour.Length];
        for (var i = 0; i < moved.Length; i++)
        {
            moved[i] = Moved(Contour[i], scale, offsetX, offsetY);
        }

        return new Nucleus(moved)
        {
            Centroid = Moved(Centroid, scale, offsetX, offsetY),
            Area = Area * scale * scale,
            MeanProbability = MeanProbability,
            BoundaryConfidence = BoundaryConfidence,
            MatchProbability = MatchProbability,
            Type = Type,
            TypeProbability = TypeProbability,
            TypeInputs = TypeInputs,
        };
    }

    /// <summary>A point on another grid, rounded as <see cref="Transformed"/> rounds it.</summary>
    /// <remarks>Double on the way: at 100,000 pixels a float still resolves 1/128 pixel, but sums would not.</remarks>
    internal static Vector2 Moved(Vector2 point, double scale, double offsetX, double offsetY) =>
        new((float)((point.X * scale) + offsetX), (float)((point.Y * scale) + offsetY));
}
