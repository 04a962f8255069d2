namespace HoverFast.Evaluation;

/// <summary>A mean over images with its 95 % interval.</summary>
/// <param name="Mean">Mean over the images for which the figure is defined; NaN where there is none.</param>
/// <param name="Low">2.5th percentile of the means of the bootstrap samples; NaN where fewer than two images leave nothing to draw from.</param>
/// <param name="High">97.5th percentile, or NaN likewise.</param>
/// <param name="Images">How many images the mean is over.</param>
public readonly record struct BootstrapInterval(double Mean, double Low, double High, int Images)
{
    private const int Samples = 2000;
    private const ulong Seed = 20240917;

    /// <summary>
    /// The mean of the values that are no NaN, with the percentile interval of 2,000 bootstrap samples (Efron and Tibshirani 1993) drawn
    /// over images. The same values in the same order always give the same interval.
    /// </summary>
    public static BootstrapInterval Of(IEnumerable<double> values)
    {
        double[] known = [.. values.Where(v => !double.IsNaN(v))];
        if (known.Length == 0)
        {
            return new BootstrapInterval(double.NaN, double.NaN, double.NaN, 0);
        }

        return Of(known, drawn => drawn.Average());
    }

    /// <summary>
    /// Any figure of a set of images, with the percentile interval of the same 2,000 bootstrap samples; samples for which it is not defined are left out.
    /// </summary>
    /// <param name="images">The images, or what is known of each.</param>
    /// <param name="figure">The figure of some of them, in which an image may come more than once.</param>
    internal static BootstrapInterval Of<T>(IReadOnlyList<T> images, Func<IReadOnlyList<T>, double> figure)
    {
        if (images.Count < 2)
        {
            return new BootstrapInterval(images.Count == 0 ? double.NaN : figure(images), double.NaN, double.NaN, images.Count);
        }

        var figures = new double[Samples];
        var drawn = new T[images.Count];
        var state = Seed;
        for (var s = 0; s < Samples; s++)
        {
            for (var i = 0; i < drawn.Length; i++)
            {
                drawn[i] = images[(int)Math.BigMul(Next(ref state), (ulong)drawn.Length, out _)];
            }

            figures[s] = figure(drawn);
        }

        var known = Array.FindAll(figures, f => !double.IsNaN(f));
        Array.Sort(known);
        return known.Length == 0
            ? new BootstrapInterval(double.NaN, double.NaN, double.NaN, images.Count)
            : new BootstrapInterval(figure(images), Percentile(known, 0.025), Percentile(known, 0.975), images.Count);
    }

    /// <summary>SplitMix64 (Steele et al. 2014): the same draws with every version of the run time.</summary>
    private static ulong Next(ref ulong state)
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>The value below which a share of sorted values lies, interpolated between two of them.</summary>
    internal static double Percentile(ReadOnlySpan<double> sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var below = (int)at;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((at - below) * (sorted[above] - sorted[below]));
    }
}
