using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Quality;

/// <summary>
/// Looks at some of a tile's pixels, in rows <see cref="RowStep"/> apart, and adds them to the fields that they lie in. Which pixels follows from the working
/// grid alone, and all is counted in whole numbers, so that a field comes to the same however it is cut into tiles. Not thread safe.
/// </summary>
internal sealed class FieldGatherer
{
    private const int RowStep = 4;
    private const int ColumnStep = 2;

    /// <summary>Pixels of the working grid that each sampled one stands for.</summary>
    public const int PixelsASample = RowStep * ColumnStep;

    /// <summary>Pixels in a row for which tissue is asked once.</summary>
    private const int Chunk = 16;

    private const int Faintest = 600;
    private const int FarStep = 4;

    /// <summary>Boundary confidence below which a nucleus is counted.</summary>
    private const double WeakBoundary = 0.35;

    private const double MostLogit = 4;

    /// <summary>Density of all colours from which on a grey pixel is dark.</summary>
    private const int GreyDensity = 2000;

    /// <summary>The same of dust.</summary>
    private const int DustDensity = 5000;
    private static readonly int[] _density = [.. Enumerable.Range(0, 256).Select(v => (int)Math.Round(-Math.Log10(Math.Max(v, 1) / 255.0) * FieldSums.One))];
    private static readonly int[] _doubt = [.. Enumerable.Range(0, 256).Select(v => (int)Math.Round(4.0 * v * (255 - v) / (255 * 255) * FieldSums.One))];

    private readonly double _um;
    private readonly Dictionary<(int Column, int Row), FieldSums> _fields = [];
    private FieldSums? _last;

    // The column of the maps for each sampled column of the part.
    private int[] _columns = [];

    /// <summary>Makes a gatherer.</summary>
    /// <param name="workingMpp">Pixel size of the working grid.</param>
    public FieldGatherer(Mpp workingMpp) => _um = workingMpp.MicronsPerPixel;

    /// <summary>The fields so far, in their order; the next ones start empty.</summary>
    public IReadOnlyList<FieldSums> Take()
    {
        FieldSums[] fields = [.. _fields.Values.Where(f => Array.Exists(f.Values, v => v != 0)).OrderBy(f => f.Row).ThenBy(f => f.Column)];
        _fields.Clear();
        _last = null;
        return fields;
    }

    /// <summary>Adds the pixels of a part of a tile.</summary>
    /// <param name="part">The part, on the working grid.</param>
    /// <param name="picture">The tile in its own colours.</param>
    /// <param name="tile">Where it lies on the working grid.</param>
    /// <param name="maps">Its maps; null where the network was not asked.</param>
    /// <param name="stride">Picture pixels in a map pixel.</param>
    /// <param name="margin">Picture pixels before the first map pixel.</param>
    /// <param name="isTissue">Whether a point of the working grid is looked at.</param>
    public void AddPixels(WorkingRect part, RgbImage picture, WorkingRect tile, NucleusMaps? maps, int stride, int margin, Func<double, double, bool> isTissue)
    {
        var left = RoundUp(part.X, ColumnStep);
        PlaceColumns(left, part.Right, tile.X, maps, stride, margin);
        for (var y = RoundUp(part.Y, RowStep); y < part.Bottom; y += RowStep)
        {
            var row = picture.Row(y - tile.Y);
            var mapRow = maps is null ? 0 : Math.Clamp((y - tile.Y - margin) / stride, 0, maps.Height - 1) * maps.Width;
            for (var x = left; x < part.Right;)
            {
                var start = FloorOf(x, Chunk) * Chunk;
                var end = Math.Min(part.Right, start + Chunk);
                if (isTissue(start + (Chunk / 2.0), y + 0.5))
                {
                    // Fields and blocks end with chunks but for the last few pixels: a chunk belongs to those that it starts in.
                    var field = FieldAt(start, y);
                    AddChunk(field, field.BlockAt(BlockAt(start, y)), row, x - tile.X, end - tile.X);
                    if (maps is not null)
                    {
                        AddAnswers(field, maps, mapRow, _columns.AsSpan((x - left) / ColumnStep, (end - x + ColumnStep - 1) / ColumnStep));
                    }
                }

                x = RoundUp(end, ColumnStep);
            }
        }
    }

    /// <summary>Adds a nucleus.</summary>
    /// <param name="workingX">Its centroid on the working grid.</param>
    /// <param name="workingY">Its row.</param>
    /// <param name="area">Square microns.</param>
    /// <param name="match">Its match probability.</param>
    /// <param name="evidence">Its row of evidence.</param>
    public void AddNucleus(double workingX, double workingY, double area, float match, ReadOnlySpan<double> evidence)
    {
        AddNucleus(FieldAt(workingX, workingY), area, match, evidence);
    }

    /// <summary>Adds a nucleus to a field.</summary>
    /// <param name="field">The field's sums.</param>
    /// <param name="area">Square microns.</param>
    /// <param name="match">Match probability.</param>
    /// <param name="evidence">The evidence on it.</param>
    public static void AddNucleus(FieldSums field, double area, float match, ReadOnlySpan<double> evidence)
    {
        field[FieldNumber.Nuclei]++;
        field[FieldNumber.Match] += Whole(match);
        field[FieldNumber.MatchLogit] += Whole(LogitOf(match));
        field[FieldNumber.ProbabilityLogitSquares] += Whole(evidence[NucleusEvidence.Probability] * evidence[NucleusEvidence.Probability]);
        field[FieldNumber.WeakBoundary] += evidence[NucleusEvidence.Boundary] < WeakBoundary ? 1 : 0;
        field[FieldNumber.NucleusArea] += Whole(area);
        for (var i = 0; i < evidence.Length; i++)
        {
            field.Values[(int)FieldNumber.Evidence + i] += Whole(evidence[i]);
        }
    }

    /// <summary>Takes all nuclei out of a field.</summary>
    /// <param name="field">The field's sums.</param>
    public static void ClearNuclei(FieldSums field)
    {
        foreach (
            var number in (ReadOnlySpan<FieldNumber>)
                [
                    FieldNumber.Nuclei,
                    FieldNumber.Match,
                    FieldNumber.MatchLogit,
                    FieldNumber.ProbabilityLogitSquares,
                    FieldNumber.WeakBoundary,
                    FieldNumber.NucleusArea,
                ])
        {
            field[number] = 0;
        }

        field.Values.AsSpan((int)FieldNumber.Evidence, NucleusEvidence.Count).Clear();
    }

    /// <summary>The logit of a match probability, as fields add it up.</summary>
    internal static double LogitOf(double match) => Math.Clamp(Math.Log(match / (1 - match)), -MostLogit, MostLogit);

    /// <summary>Finds the column of the maps for each column of pixels that is sampled.</summary>
    private void PlaceColumns(int left, int right, int tileLeft, NucleusMaps? maps, int stride, int margin)
    {
        var count = Math.Max(0, (right - left + ColumnStep - 1) / ColumnStep);
        _columns = _columns.Length < count ? new int[count] : _columns;
        for (var i = 0; i < count && maps is not null; i++)
        {
            _columns[i] = Math.Clamp((left + (i * ColumnStep) - tileLeft - margin) / stride, 0, maps.Width - 1);
        }
    }

    /// <summary>Adds some pixels of a row. What they come to is kept in registers and added once.</summary>
    private static void AddChunk(FieldSums field, Span<int> block, ReadOnlySpan<byte> row, int from, int to)
    {
        int pixels = 0, stained = 0, black = 0, white = 0, ink = 0, grey = 0, dust = 0, reds = 0, greens = 0, blues = 0, near = 0, far = 0, curvature = 0;
        int redRed = 0, greenGreen = 0, blueBlue = 0, redGreen = 0, redBlue = 0, greenBlue = 0;
        ReadOnlySpan<int> density = _density;
        for (var at = 3 * from; at < 3 * to; at += 3 * ColumnStep)
        {
            pixels++;
            var (red, green, blue) = (row[at], row[at + 1], row[at + 2]);
            var (r, g, b) = (density[red], density[green], density[blue]);
            var (darkest, brightest) = (Math.Min(red, Math.Min(green, blue)), Math.Max(red, Math.Max(green, blue)));
            if (r + g + b < 3 * Faintest)
            {
                white += darkest == 255 ? 1 : 0;
                continue;
            }

            stained++;
            black += brightest < 40 ? 1 : 0;
            ink += green > red + 12 || blue > red + 90 ? 1 : 0;
            if (density[brightest] is > GreyDensity and var least && (density[darkest] - least) * 20 < 7 * density[darkest])
            {
                grey++;
                dust += least > DustDensity && (density[darkest] - least) * 20 < 3 * density[darkest] ? 1 : 0;
            }

            reds += r;
            greens += g;
            blues += b;
            redRed += r * r / FieldSums.One;
            greenGreen += g * g / FieldSums.One;
            blueBlue += b * b / FieldSums.One;
            redGreen += r * g / FieldSums.One;
            redBlue += r * b / FieldSums.One;
            greenBlue += g * b / FieldSums.One;
            if (at >= 3 && at + (3 * FarStep) + 1 < row.Length)
            {
                int next = row[at + 4], before = row[at - 2], step = next - green, further = row[at + (3 * FarStep) + 1] - green;
                near += step * step;
                far += further * further;
                var bend = next + before - (2 * green);
                curvature += bend * bend;
            }
        }

        field[FieldNumber.Pixels] += pixels;
        field[FieldNumber.White] += white;
        block[(int)BlockNumber.Pixels] += pixels;
        if (stained == 0)
        {
            return;
        }

        field[FieldNumber.Stained] += stained;
        field[FieldNumber.Black] += black;
        field[FieldNumber.Ink] += ink;
        field[FieldNumber.Red] += reds;
        field[FieldNumber.Green] += greens;
        field[FieldNumber.Blue] += blues;
        field[FieldNumber.RedRed] += redRed;
        field[FieldNumber.GreenGreen] += greenGreen;
        field[FieldNumber.BlueBlue] += blueBlue;
        field[FieldNumber.RedGreen] += redGreen;
        field[FieldNumber.RedBlue] += redBlue;
        field[FieldNumber.GreenBlue] += greenBlue;
        field[FieldNumber.NearStep] += near;
        field[FieldNumber.FarStep] += far;
        field[FieldNumber.Curvature] += curvature;
        block[(int)BlockNumber.Stained] += stained;
        block[(int)BlockNumber.Red] += reds;
        block[(int)BlockNumber.Green] += greens;
        block[(int)BlockNumber.Blue] += blues;
        block[(int)BlockNumber.NearStep] += near;
        block[(int)BlockNumber.FarStep] += far;
        block[(int)BlockNumber.Grey] += grey;
        block[(int)BlockNumber.Dust] += dust;
    }

    private static void AddAnswers(FieldSums field, NucleusMaps maps, int mapRow, ReadOnlySpan<int> columns)
    {
        int probabilities = 0, doubt = 0, inside = 0, offset = 0;
        foreach (var column in columns)
        {
            var at = mapRow + column;
            var probability = maps.Probability[at];
            probabilities += probability * FieldSums.One / NucleusMaps.ProbabilityScale;
            doubt += _doubt[probability];
            if (probability >= 128)
            {
                inside++;
                offset += Math.Max(Math.Abs((int)maps.Horizontal[at]), Math.Abs((int)maps.Vertical[at])) * FieldSums.One / NucleusMaps.HvScale;
            }
        }

        field[FieldNumber.Probability] += probabilities;
        field[FieldNumber.Doubt] += doubt;
        field[FieldNumber.Inside] += inside;
        field[FieldNumber.Offset] += offset;
    }

    private FieldSums FieldAt(double workingX, double workingY)
    {
        var (column, row) = ((int)Math.Floor(workingX * _um / FieldSums.Side), (int)Math.Floor(workingY * _um / FieldSums.Side));
        if (_last is { } last && last.Column == column && last.Row == row)
        {
            return last;
        }

        if (!_fields.TryGetValue((column, row), out var field))
        {
            _fields.Add((column, row), field = new FieldSums(column, row));
        }

        return _last = field;
    }

    /// <summary>The place of a point's block in its field.</summary>
    private int BlockAt(double workingX, double workingY)
    {
        const double Block = FieldSums.Side / FieldSums.BlocksASide;
        var (column, row) = ((int)Math.Floor(workingX * _um / Block), (int)Math.Floor(workingY * _um / Block));
        return ((row & (FieldSums.BlocksASide - 1)) * FieldSums.BlocksASide) + (column & (FieldSums.BlocksASide - 1));
    }

    private static long Whole(double value) => (long)Math.Round(value * FieldSums.One);

    private static int FloorOf(int value, int step) => (int)Math.Floor((double)value / step);

    private static int RoundUp(int value, int step) => (FloorOf(value - 1, step) + 1) * step;
}
