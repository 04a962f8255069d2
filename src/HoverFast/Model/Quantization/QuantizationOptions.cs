namespace HoverFast.Model.Quantization;

/// <summary>How <see cref="StudentQuantizer"/> turns a float network into one of bytes.</summary>
internal sealed record QuantizationOptions
{
    /// <summary>How the range of each activation follows from what calibration saw.</summary>
    public RangeRule Range { get; init; } = RangeRule.LeastError;

    /// <summary>Share of values that lie inside the range, for <see cref="RangeRule.Percentile"/>, above 0.5 and at most 1.</summary>
    public double Percentile { get; init; } = 0.9999;

    /// <summary>Whether the first convolution keeps its floats: over three channels the float kernel is the faster one.</summary>
    public bool FloatFirst { get; init; } = true;

    /// <summary>Whether the last convolutions, those that nothing but outputs follow, keep their floats.</summary>
    public bool FloatLast { get; init; } = true;

    /// <summary>
    /// Bits of a weight, 8 or 7. Processors with AVX2 but without VNNI add pairs of products in 16 bits, which 8 bits can overflow; 7 can't.
    /// </summary>
    public int WeightBits { get; init; } = 8;

    /// <summary>Whether biases make up for the mean error of rounded weights (Nagel et al., ICCV 2019).</summary>
    public bool CorrectBias { get; init; } = true;
}
