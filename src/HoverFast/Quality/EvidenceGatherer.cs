using System.Numerics;
using HoverFast.Model;
using HoverFast.Nuclei;
using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Quality;

/// <summary>
/// Gathers <see cref="NucleusEvidence"/> where nuclei are found: from the outline, from the maps and the picture at some points along it, and from the
/// neighbours. It looks no further than <see cref="Reach"/>, so that a nucleus has the same evidence whatever tile it is found in. Keeps its memory for
/// the next tile; serves one thread at a time.
/// </summary>
internal sealed class EvidenceGatherer
{
    /// <summary>Microns within which another nucleus's centroid makes it a neighbour.</summary>
    public const double Reach = 15;

    private const int Points = 16;
    private const double Near = 0.5;
    private const double Far = 1.5;
    private static readonly float[] _density = OpticalDensity.Decadic;

    private readonly double _um;

    // In map pixels.
    private readonly float _near;
    private readonly float _far;
    private readonly NeighbourGrid _grid = new();

    /// <summary>Makes a gatherer.</summary>
    /// <param name="mapMpp">Pixel size of the maps.</param>
    public EvidenceGatherer(Mpp mapMpp)
    {
        _um = mapMpp.MicronsPerPixel;
        (_near, _far) = ((float)(Near / _um), (float)(Far / _um));
    }

    /// <summary>Gathers the evidence on nuclei of a tile.</summary>
    /// <param name="nuclei">All of the tile, in pixels of the area.</param>
    /// <param name="wanted">Which of them it is gathered on; the others are neighbours, and their rows hold only what neighbours are asked for.</param>
    /// <param name="maps">The maps that they were found on.</param>
    /// <param name="area">The part of the maps.</param>
    /// <param name="picture">The tile in its own colours.</param>
    /// <param name="stride">Picture pixels in a map pixel.</param>
    /// <param name="margin">Picture pixels before the first map pixel.</param>
    /// <param name="rows">Takes <see cref="NucleusEvidence.Count"/> numbers for each nucleus.</param>
    public void Gather(
        IReadOnlyList<Nucleus> nuclei, ReadOnlySpan<bool> wanted, NucleusMaps maps, MapArea area, RgbImage picture, int stride, int margin, Span<double> rows)
    {
        for (var i = 0; i < nuclei.Count; i++)
        {
            var row = rows.Slice(i * NucleusEvidence.Count, NucleusEvidence.Count);
            row[NucleusEvidence.Probability] = Logit(nuclei[i].MeanProbability);
            row[NucleusEvidence.Boundary] = nuclei[i].BoundaryConfidence;
            row[NucleusEvidence.Area] = Math.Log(Math.Max(1, nuclei[i].Area * _um * _um));
            if (wanted[i])
            {
                Shape(nuclei[i], row);
                Outline(nuclei[i], maps, area, picture, stride, margin, row);
            }
        }

        _grid.Fill(nuclei, (float)(Reach / _um));
        for (var i = 0; i < nuclei.Count; i++)
        {
            if (wanted[i])
            {
                Neighbours(i, rows);
            }
        }
    }

    private static void Shape(Nucleus nucleus, Span<double> row)
    {
        var shape = OutlineShape.Of(nucleus.Contour, withHull: false);
        row[NucleusEvidence.Circularity] = shape.Circularity;
        row[NucleusEvidence.AxisRatio] = shape.MajorAxis > 0 ? shape.MinorAxis / shape.MajorAxis : 0;
    }

    /// <summary>Looks at points at equal distances along the outline: inside, at, and outside of it.</summary>
    private void Outline(Nucleus nucleus, NucleusMaps maps, MapArea area, RgbImage picture, int stride, int margin, Span<double> row)
    {
        var contour = nucleus.Contour;
        var length = 0.0;
        for (var i = 0; i < contour.Length; i++)
        {
            length += Vector2.Distance(contour[i], contour[(i + 1) % contour.Length]);
        }

        double halo = 0, core = 0, outward = 0, outwardSquares = 0, touching = 0, hue = 0;
        Span<double> density = stackalloc double[4];
        density.Clear();

        // Well inside, just inside, just outside, well outside.
        var (near, far) = (_near, _far);
        ReadOnlySpan<float> distances = [-far, -near, near, far];
        ReadOnlySpan<byte> pixels = picture.Span;
        ReadOnlySpan<float> table = _density;
        var (edge, passed) = (0, 0.0);
        var (from, to) = (contour[0], contour[1]);
        for (var n = 0; n < Points; n++)
        {
            var target = (n + 0.5) * length / Points;
            var side = Vector2.Distance(from, to);
            while (passed + side < target && edge < contour.Length - 1)
            {
                passed += side;
                edge++;
                (from, to) = (to, contour[(edge + 1) % contour.Length]);
                side = Vector2.Distance(from, to);
            }

            // The outline runs clockwise as one sees it, with the nucleus on its right.
            var along = side > 0 ? (to - from) / side : Vector2.UnitX;
            var point = from + (along * (float)(target - passed));
            var normal = new Vector2(along.Y, -along.X);
            var outside = MapAt(maps, area, point + (normal * far));
            var just = MapAt(maps, area, point - (normal * near));
            halo += maps.Probability[outside];
            touching += maps.Probability[outside] * 2 > NucleusMaps.ProbabilityScale ? 1 : 0;
            core += maps.Probability[MapAt(maps, area, point - (normal * far))];
            var pointing = ((maps.Horizontal[just] * normal.X) + (maps.Vertical[just] * normal.Y)) / NucleusMaps.HvScale;
            outward += pointing;
            outwardSquares += (double)pointing * pointing;
            for (var d = 0; d < density.Length; d++)
            {
                var pixel = pixels.Slice(PixelAt(picture, area, point + (normal * distances[d]), stride, margin), 3);
                var (r, g, b) = (table[pixel[0]], table[pixel[1]], table[pixel[2]]);
                density[d] += (r + g + b) / 3;
                hue += d == 0 ? (r - b) / (r + g + b + 0.1) : 0;
            }
        }

        var contrast = (density[0] - density[3]) / Points;
        var mean = outward / Points;
        row[NucleusEvidence.Halo] = halo / (Points * NucleusMaps.ProbabilityScale);
        row[NucleusEvidence.Core] = core / (Points * NucleusMaps.ProbabilityScale);
        row[NucleusEvidence.Outward] = mean;
        row[NucleusEvidence.OutwardSpread] = Math.Sqrt(Math.Max(0, (outwardSquares / Points) - (mean * mean)));
        row[NucleusEvidence.Density] = density[0] / Points;
        row[NucleusEvidence.Contrast] = contrast;
        row[NucleusEvidence.Step] = Math.Clamp((density[1] - density[2]) / Points / Math.Max(0.02, Math.Abs(contrast)), -1, 2);
        row[NucleusEvidence.Hue] = hue / Points;
        row[NucleusEvidence.Touching] = touching / Points;
    }

    private void Neighbours(int nucleus, Span<double> rows)
    {
        var n = 0;
        double boundary = 0, probability = 0, area = 0;
        foreach (var other in _grid.Near(nucleus))
        {
            var row = rows.Slice(other * NucleusEvidence.Count, NucleusEvidence.Count);
            boundary += row[NucleusEvidence.Boundary];
            probability += row[NucleusEvidence.Probability];
            area += row[NucleusEvidence.Area];
            n++;
        }

        var own = rows.Slice(nucleus * NucleusEvidence.Count, NucleusEvidence.Count);
        own[NucleusEvidence.Neighbours] = Math.Log(n);
        own[NucleusEvidence.LocalBoundary] = boundary / n;
        own[NucleusEvidence.LocalProbability] = probability / n;
        own[NucleusEvidence.LocalArea] = own[NucleusEvidence.Area] - (area / n);
    }

    private static double Logit(double probability) => Math.Log((probability + 0.005) / (1.005 - probability));

    private static int MapAt(NucleusMaps maps, MapArea area, Vector2 point) =>
        (Math.Clamp(area.Top + (int)MathF.Floor(point.Y), 0, maps.Height - 1) * maps.Width)
        + Math.Clamp(area.Left + (int)MathF.Floor(point.X), 0, maps.Width - 1);

    private static int PixelAt(RgbImage picture, MapArea area, Vector2 point, int stride, int margin)
    {
        var x = Math.Clamp(margin + (int)MathF.Floor((area.Left + point.X) * stride), 0, picture.Width - 1);
        var y = Math.Clamp(margin + (int)MathF.Floor((area.Top + point.Y) * stride), 0, picture.Height - 1);
        return ((y * picture.Width) + x) * 3;
    }
}
