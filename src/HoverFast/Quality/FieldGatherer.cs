using HoverFast.Model;
using HoverFast.Nuclei;
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
    private static readonly int[] _density = [.. Enumerable.Range(0, 256).Select(v => (int)Math.Round(-Math.Log10(Math.Max(v, 1) / 255.0) * FieldSums.One))];
    private static readonly int[] _doubt = [.. Enumerable.Range(0, 256).Select(v => (int)Math.Round(4.0 * v * (255 - v) / (255 * 255) * FieldSums.One))];

    private readonly double _um;
    private readonly Dictionary<(int Column, int Row), FieldSums> _fields = [];

    /// <summary>Makes a gatherer.</summary>
    /// <param name="workingMpp">Pixel size of the working grid.</param>
    public FieldGatherer(Mpp workingMpp) => _um = workingMpp.MicronsPerPixel;

    /// <summary>The fields so far, in their order; the next ones start empty.</summary>
    public IReadOnlyList<FieldSums> Take()
    {
        FieldSums[] fields = [.. _fields.Values.Where(f => Array.Exists(f.Values, v => v != 0)).OrderBy(f => f.Row).ThenBy(f => f.Column)];
        _fields.Clear();
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
        for (var y = RoundUp(part.Y, RowStep); y < part.Bottom; y += RowStep)
        {
            var row = picture.Row(y - tile.Y);
            var mapRow = maps is null ? 0 : Math.Clamp((y - tile.Y - margin) / stride, 0, maps.Height - 1) * maps.Width;
            for (var x = RoundUp(part.X, ColumnStep); x < part.Right;)
            {
                var end = Math.Min(part.Right, (FloorOf(x, Chunk) + 1) * Chunk);
                if (isTissue(FloorOf(x, Chunk) * Chunk + (Chunk / 2.0), y + 0.5))
                {
                    // Fields end with chunks but for the last few pixels: a chunk belongs to the field that it starts in.
                    var field = FieldAt(FloorOf(x, Chunk) * Chunk, y);
                    for (; x < end; x += ColumnStep)
                    {
                        var place = x - tile.X;
                        AddPixel(field, row, 3 * place);
                        if (maps is not null)
                        {
                            AddAnswer(field, maps, mapRow + Math.Clamp((place - margin) / stride, 0, maps.Width - 1));
                        }
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
        var field = FieldAt(workingX, workingY);
        field[FieldNumber.Nuclei]++;
        field[FieldNumber.Match] += Whole(match);
        field[FieldNumber.NucleusArea] += Whole(area);
        for (var i = 0; i < evidence.Length; i++)
        {
            field.Values[(int)FieldNumber.Evidence + i] += Whole(evidence[i]);
        }
    }

    private static void AddPixel(FieldSums field, ReadOnlySpan<byte> row, int at)
    {
        field[FieldNumber.Pixels]++;
        var (red, green, blue) = (row[at], row[at + 1], row[at + 2]);
        var (r, g, b) = (_density[red], _density[green], _density[blue]);
        if (r + g + b < 3 * Faintest)
        {
            field[FieldNumber.White] += Math.Min(red, Math.Min(green, blue)) == 255 ? 1 : 0;
            return;
        }

        field[FieldNumber.Stained]++;
        field[FieldNumber.Black] += Math.Max(red, Math.Max(green, blue)) < 40 ? 1 : 0;
        field[FieldNumber.Ink] += green > red + 12 || blue > red + 90 ? 1 : 0;
        field[FieldNumber.Red] += r;
        field[FieldNumber.Green] += g;
        field[FieldNumber.Blue] += b;
        field[FieldNumber.RedRed] += (long)r * r / FieldSums.One;
        field[FieldNumber.GreenGreen] += (long)g * g / FieldSums.One;
        field[FieldNumber.BlueBlue] += (long)b * b / FieldSums.One;
        field[FieldNumber.RedGreen] += (long)r * g / FieldSums.One;
        field[FieldNumber.RedBlue] += (long)r * b / FieldSums.One;
        field[FieldNumber.GreenBlue] += (long)g * b / FieldSums.One;
        if (at >= 3 && at + (3 * FarStep) + 1 < row.Length)
        {
            int next = row[at + 4], far = row[at + (3 * FarStep) + 1], before = row[at - 2];
            field[FieldNumber.NearStep] += (next - green) * (next - green);
            field[FieldNumber.FarStep] += (far - green) * (far - green);
            var bend = next + before - (2 * green);
            field[FieldNumber.Curvature] += bend * bend;
        }
    }

    private static void AddAnswer(FieldSums field, NucleusMaps maps, int at)
    {
        var probability = maps.Probability[at];
        field[FieldNumber.Probability] += probability * FieldSums.One / NucleusMaps.ProbabilityScale;
        field[FieldNumber.Doubt] += _doubt[probability];
        if (probability >= 128)
        {
            field[FieldNumber.Inside]++;
            field[FieldNumber.Offset] += Math.Max(Math.Abs((int)maps.Horizontal[at]), Math.Abs((int)maps.Vertical[at])) * FieldSums.One / NucleusMaps.HvScale;
        }
    }

    private FieldSums FieldAt(double workingX, double workingY)
    {
        var key = ((int)Math.Floor(workingX * _um / FieldSums.Side), (int)Math.Floor(workingY * _um / FieldSums.Side));
        if (!_fields.TryGetValue(key, out var field))
        {
            _fields.Add(key, field = new FieldSums(key.Item1, key.Item2));
        }

        return field;
    }

    private static long Whole(double value) => (long)Math.Round(value * FieldSums.One);

    private static int FloorOf(int value, int step) => (int)Math.Floor((double)value / step);

    private static int RoundUp(int value, int step) => (FloorOf(value - 1, step) + 1) * step;
}
