namespace HoverFast.Stains;

/// <summary>
/// Three stains as the rows of a matrix: density = amounts x matrix. Its inverse gives the amounts of a pixel's densities (colour
/// deconvolution: Ruifrok and Johnston, Anal Quant Cytol Histol 2001).
/// </summary>
internal sealed class StainMatrix
{
    private readonly double[][] _stains;
    private readonly double[][] _weights;

    /// <summary>Takes three stains that don't lie in one plane.</summary>
    public StainMatrix(IReadOnlyList<double> first, IReadOnlyList<double> second, IReadOnlyList<double> third)
    {
        var (a, b, c) = ((double[])[.. first], (double[])[.. second], (double[])[.. third]);
        var determinant = Dot(a, Cross(b, c));
        _stains = [a, b, c];
        _weights = [.. new[] { Cross(b, c), Cross(c, a), Cross(a, b) }.Select(row => row.Select(v => v / determinant).ToArray())];
    }

    /// <summary>Haematoxylin, eosin and DAB, as published: the third takes up what is neither of the first two.</summary>
    public static StainMatrix HaematoxylinEosinDab { get; } = new(StainVectors.Haematoxylin, StainVectors.Eosin, StainVectors.Dab);

    /// <summary>Two stains of unit length and a rest at a right angle to both, as QuPath unmixes.</summary>
    public static StainMatrix WithRest(IReadOnlyList<double> first, IReadOnlyList<double> second)
    {
        var (a, b) = (Unit([.. first]), Unit([.. second]));
        return new StainMatrix(a, b, Unit(Cross(a, b)));
    }

    /// <summary>Densities in R, G and B of one unit of a stain.</summary>
    /// <param name="stain">0, 1 or 2.</param>
    public IReadOnlyList<double> Density(int stain) => _stains[stain];

    /// <summary>What the densities in R, G and B are multiplied by to give the amount of a stain.</summary>
    /// <param name="stain">0, 1 or 2.</param>
    public IReadOnlyList<double> Weights(int stain) => _weights[stain];

    private static double[] Cross(double[] a, double[] b) => [(a[1] * b[2]) - (a[2] * b[1]), (a[2] * b[0]) - (a[0] * b[2]), (a[0] * b[1]) - (a[1] * b[0])];

    private static double Dot(double[] a, double[] b) => (a[0] * b[0]) + (a[1] * b[1]) + (a[2] * b[2]);

    private static double[] Unit(double[] v) => [.. v.Select(x => x / Math.Sqrt(Dot(v, v)))];
}
