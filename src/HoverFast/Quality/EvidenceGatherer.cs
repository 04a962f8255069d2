using System.Numerics;
using System.Runtime.Intrinsics;
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

    /// <summary>Points of an outline up to which its sides are kept on the stack.</summary>
    private const int Inline = 256;
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
        var sides = contour.Length <= Inline ? stackalloc float[Inline] : new float[contour.Length];
        var length = 0.0;
        for (var i = 0; i < contour.Length; i++)
        {
            sides[i] = Vector2.Distance(contour[i], contour[i + 1 < contour.Length ? i + 1 : 0]);
            length += sides[i];
        }

        double halo = 0, core = 0, outward = 0, outwardSquares = 0, touching = 0, hue = 0;

        // Well inside, just inside, just outside, well outside: one in each lane.
        var distances = Vector128.Create(-_far, -_near, _near, _far);
        var density = Vector256<double>.Zero;
        ReadOnlySpan<byte> pixels = picture.Span;
        ReadOnlySpan<float> table = _density;
        var (edge, passed) = (0, 0.0);
        for (var n = 0; n < Points; n++)
        {
            var target = (n + 0.5) * length / Points;
            while (passed + sides[edge] < target && edge < contour.Length - 1)
            {
                passed += sides[edge];
                edge++;
            }

            // The outline runs clockwise as one sees it, with the nucleus on its right.
            var (from, to) = (contour[edge], contour[edge + 1 < contour.Length ? edge + 1 : 0]);
            var along = sides[edge] > 0 ? (to - from) / sides[edge] : Vector2.UnitX;
            var point = from + (along * (float)(target - passed));
            var normal = new Vector2(along.Y, -along.X);
            var x = Vector128.Create(point.X) + (normal.X * distances);
            var y = Vector128.Create(point.Y) + (normal.Y * distances);
            var inMaps = (Clamped(Vector128.Floor(y), area.Top, maps.Height) * maps.Width) + Clamped(Vector128.Floor(x), area.Left, maps.Width);
            var (well, just, outside) = (inMaps[0], inMaps[1], inMaps[3]);
            halo += maps.Probability[outside];
            touching += maps.Probability[outside] * 2 > NucleusMaps.ProbabilityScale ? 1 : 0;
            core += maps.Probability[well];
            var pointing = ((maps.Horizontal[just] * normal.X) + (maps.Vertical[just] * normal.Y)) / NucleusMaps.HvScale;
            outward += pointing;
            outwardSquares += (double)pointing * pointing;

            var column = Clamped(Vector128.Floor((Vector128.Create((float)area.Left) + x) * stride), margin, picture.Width);
            var row4 = Clamped(Vector128.Floor((Vector128.Create((float)area.Top) + y) * stride), margin, picture.Height);
            var at = ((row4 * picture.Width) + column) * 3;
            var red = Densities(pixels, table, at, 0);
            var blue = Densities(pixels, table, at, 2);
            var all = red + Densities(pixels, table, at, 1) + blue;
            var (lower, upper) = Vector128.Widen(all / 3);
            density += Vector256.Create(lower, upper);
            hue += (red[0] - blue[0]) / (all[0] + 0.1);
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

    /// <summary>Whole numbers, moved, and kept within a side.</summary>
    private static Vector128<int> Clamped(Vector128<float> floors, int offset, int side) =>
        Vector128.Min(Vector128.Max(Vector128.ConvertToInt32(floors) + Vector128.Create(offset), Vector128<int>.Zero), Vector128.Create(side - 1));

    /// <summary>The densities of a channel of four pixels.</summary>
    private static Vector128<float> Densities(ReadOnlySpan<byte> pixels, ReadOnlySpan<float> table, Vector128<int> at, int channel) =>
        Vector128.Create(table[pixels[at[0] + channel]], table[pixels[at[1] + channel]], table[pixels[at[2] + channel]], table[pixels[at[3] + channel]]);
}
