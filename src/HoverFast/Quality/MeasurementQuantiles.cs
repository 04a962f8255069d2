namespace HoverFast.Quality;

/// <summary>How measurements are spread over the nuclei that a model finds in the pictures that it learned from.</summary>
/// <param name="Sha256">Hash of the model's bytes.</param>
/// <param name="Pictures">Pictures.</param>
/// <param name="Nuclei">Nuclei found in them.</param>
/// <param name="Quantiles">By a measurement's name in QuPath: the least value, 99 values that part the nuclei into hundredths, the largest; rising.</param>
internal sealed record MeasurementQuantiles(string Sha256, int Pictures, long Nuclei, IReadOnlyDictionary<string, IReadOnlyList<double>> Quantiles)
{
    /// <summary>Hundredths that the nuclei are parted into.</summary>
    public const int Parts = 100;

    /// <summary>Finds the quantiles of values.</summary>
    /// <param name="values">At least one; they are sorted.</param>
    public static IReadOnlyList<double> Of(double[] values)
    {
        Array.Sort(values);
        return [.. Enumerable.Range(0, Parts + 1).Select(i => values[(int)Math.Round((double)i * (values.Length - 1) / Parts)])];
    }

    /// <summary>How many of 100 nuclei have less, between two quantiles by proportion; where several quantiles are the same, the middle of them.</summary>
    /// <param name="name">The measurement's name in QuPath.</param>
    /// <param name="value">Its value.</param>
    /// <returns>0 to 100; null where the measurement isn't known.</returns>
    public double? Percentile(string name, double value)
    {
        if (!Quantiles.TryGetValue(name, out var quantiles) || quantiles.Count != Parts + 1)
        {
            return null;
        }

        var less = quantiles.Count(q => q < value);
        var same = quantiles.Count(q => q == value);
        return same > 0 ? less + ((same - 1) / 2.0)
            : less == 0 ? 0
            : less > Parts ? Parts
            : less - 1 + ((value - quantiles[less - 1]) / (quantiles[less] - quantiles[less - 1]));
    }
}
