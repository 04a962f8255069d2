using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Nuclei;

/// <summary>
/// Separates the optical density of a pixel into those of two stains and a rest (colour deconvolution: Ruifrok and Johnston, Anal Quant
/// Cytol Histol 2001), with white as background and decadic logarithms, as QuPath does.
/// </summary>
internal sealed class StainDensities
{
    private static readonly float[] _density = [.. Enumerable.Range(0, 256).Select(v => -MathF.Log10(Math.Max(v, 1) / 255f))];

    private readonly float[] _first;
    private readonly float[] _second;

    private StainDensities(string secondName, double[] second)
    {
        SecondName = secondName;

        // Rows of the matrix are the stains and what is at a right angle to both; densities = pixel x inverse, by cofactors.
        var a = Unit([.. StainVectors.Haematoxylin]);
        var b = Unit(second);
        var c = Unit(Cross(a, b));
        var determinant = Dot(a, Cross(b, c));
        _first = [.. Cross(b, c).Select(v => (float)(v / determinant))];
        _second = [.. Cross(c, a).Select(v => (float)(v / determinant))];
    }

    /// <summary>Haematoxylin and eosin.</summary>
    public static StainDensities HaematoxylinEosin { get; } = new("Eosin", [.. StainVectors.Eosin]);

    /// <summary>Haematoxylin and diaminobenzidine (DAB).</summary>
    public static StainDensities HaematoxylinDab { get; } = new("DAB", [.. StainVectors.Dab]);

    /// <summary>Name of the second stain: "Eosin" or "DAB".</summary>
    public string SecondName { get; }

    /// <summary>Mean and standard deviation of both stains' densities over runs of pixels; NaN where no pixel of the picture is among them.</summary>
    public void Measure(RgbImage picture, ReadOnlySpan<PixelRun> pixels, Span<float> destination)
    {
        double n = 0, sum1 = 0, sum2 = 0, square1 = 0, square2 = 0;
        foreach (var run in pixels)
        {
            if (run.Y < 0 || run.Y >= picture.Height)
            {
                continue;
            }

            var from = Math.Max(0, run.From);
            var to = Math.Min(picture.Width, run.To);
            var row = picture.Row(run.Y);
            for (var x = from; x < to; x++)
            {
                var r = _density[row[3 * x]];
                var g = _density[row[(3 * x) + 1]];
                var b = _density[row[(3 * x) + 2]];
                var one = (r * _first[0]) + (g * _first[1]) + (b * _first[2]);
                var two = (r * _second[0]) + (g * _second[1]) + (b * _second[2]);
                n++;
                sum1 += one;
                sum2 += two;
                square1 += (double)one * one;
                square2 += (double)two * two;
            }
        }

        destination[0] = (float)(sum1 / n);
        destination[1] = (float)Math.Sqrt(Math.Max(0, (square1 / n) - (sum1 / n * (sum1 / n))));
        destination[2] = (float)(sum2 / n);
        destination[3] = (float)Math.Sqrt(Math.Max(0, (square2 / n) - (sum2 / n * (sum2 / n))));
    }

    private static double[] Cross(double[] a, double[] b) => [(a[1] * b[2]) - (a[2] * b[1]), (a[2] * b[0]) - (a[0] * b[2]), (a[0] * b[1]) - (a[1] * b[0])];

    private static double Dot(double[] a, double[] b) => (a[0] * b[0]) + (a[1] * b[1]) + (a[2] * b[2]);

    private static double[] Unit(double[] v) => [.. v.Select(x => x / Math.Sqrt(Dot(v, v)))];
}
