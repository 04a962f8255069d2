using HoverFast.Slides;
using HoverFast.Stains;

namespace HoverFast.Nuclei;

/// <summary>
/// Separates the optical density of a pixel into those of two stains and a rest (colour deconvolution: Ruifrok and Johnston, Anal Quant
/// Cytol Histol 2001), with white as background and decadic logarithms, as QuPath does.
/// </summary>
internal sealed class StainDensities
{
    private static readonly float[] _density = OpticalDensity.Decadic;

    private readonly float[] _first;
    private readonly float[] _second;

    private StainDensities(string secondName, StainMatrix stains)
    {
        SecondName = secondName;
        _first = [.. stains.Weights(0).Select(w => (float)w)];
        _second = [.. stains.Weights(1).Select(w => (float)w)];
    }

    /// <summary>Haematoxylin and eosin.</summary>
    public static StainDensities HaematoxylinEosin { get; } = new("Eosin", StainMatrix.WithRest(StainVectors.Haematoxylin, StainVectors.Eosin));

    /// <summary>Haematoxylin and diaminobenzidine (DAB).</summary>
    public static StainDensities HaematoxylinDab { get; } = new("DAB", StainMatrix.WithRest(StainVectors.Haematoxylin, StainVectors.Dab));

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
}
