using HoverFast.Model.Onnx;
using HoverFast.Slides;

namespace HoverFast.Model.Quantization;

/// <summary>
/// Turns a float network of ours into one that computes in bytes: static quantisation after training (Jacob et al., CVPR 2018) with
/// unsigned activations, signed weights with a scale for each output channel, and 32-bit biases. The graph says so by pairs of
/// QuantizeLinear and DequantizeLinear, which ONNX Runtime fuses into integer kernels.
/// </summary>
/// <remarks>
/// Convolutions, additions, concatenations, max pooling and nearest upsampling that hang together from the picture on become
/// integer; the rest keeps its floats. The picture's bytes are used as they are where the graph's first steps allow it.
/// </remarks>
public static class StudentQuantizer
{
    /// <summary>Quantises a graph. The same graph, tiles and options give the same bytes.</summary>
    /// <param name="graph">A float graph with the input <c>image</c>; it is left as it is.</param>
    /// <param name="tiles">Pictures of real tissue, of sizes that the network takes; some dozens are enough.</param>
    /// <param name="options">Choices, or null.</param>
    /// <returns>A new graph with the same inputs and outputs.</returns>
    /// <exception cref="ArgumentException">There are no tiles, an option is impossible, or nothing of the graph can become integer.</exception>
    public static OnnxGraph Quantize(OnnxGraph graph, IReadOnlyList<RgbImage> tiles, QuantizationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(tiles);
        options ??= new QuantizationOptions();
        if (tiles.Count == 0)
        {
            throw new ArgumentException("Calibration needs tiles of real tissue.", nameof(tiles));
        }

        if (options.WeightBits is not (7 or 8) || options.Percentile is not (> 0.5 and <= 1))
        {
            throw new ArgumentException("Weights have 7 or 8 bits, and the percentile is above 0.5 and at most 1.", nameof(options));
        }

        var plan = new QuantizationPlan(graph, options);
        if (plan.Integer.Count == 0)
        {
            throw new ArgumentException($"Nothing of the graph {graph.Name} can become integer: no convolution follows its input.", nameof(graph));
        }

        return new QuantizedWriter(plan, Calibration.Collect(graph, plan.Observed, tiles), options).Write();
    }
}
