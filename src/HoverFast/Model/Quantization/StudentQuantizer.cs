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
internal static class StudentQuantizer
{
    /// <summary>Quantises a model file and writes the result, with a card that says so.</summary>
    /// <param name="modelPath">A float model of ours; its card lies beside it.</param>
    /// <param name="tiles">Pictures of real tissue at the card's mpp, of any size from the network's stride on.</param>
    /// <param name="outputPath">Where the model of bytes goes.</param>
    /// <param name="options">Choices, or null.</param>
    /// <returns>The new card; its scores are those of the float model, to be measured anew.</returns>
    /// <exception cref="ModelException">The model or its card can't be read, or is quantised already.</exception>
    /// <exception cref="ArgumentException">There are no tiles, or an option is impossible.</exception>
    public static ModelCard Quantize(string modelPath, IReadOnlyList<RgbImage> tiles, string outputPath, QuantizationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(modelPath);
        ArgumentNullException.ThrowIfNull(tiles);
        ArgumentNullException.ThrowIfNull(outputPath);
        if (!File.Exists(modelPath) || !File.Exists(ModelCard.PathFor(modelPath)))
        {
            throw new ModelException(modelPath, "the model or its card beside it is missing.");
        }

        var card = ModelCard.Parse(File.ReadAllBytes(ModelCard.PathFor(modelPath)), ModelCard.PathFor(modelPath));
        if (card.Precision != "float32")
        {
            throw new ModelException(modelPath, $"is of precision {card.Precision}; take the float32 model.");
        }

        if (card.FixedInput is not null)
        {
            throw new ModelException(modelPath, "takes pictures of one size only; such networks stay as they are.");
        }

        var graph = OnnxGraph.Parse(File.ReadAllBytes(modelPath), modelPath);
        Quantize(graph, [.. tiles.Select(t => Trimmed(t, card.Stride))], options).Save(outputPath);
        card = card with { Precision = "int8", Sha256 = ModelCard.HashOf(File.ReadAllBytes(outputPath)) };
        card.Save(ModelCard.PathFor(outputPath));
        return card;
    }

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

        return new QuantizedWriter(plan, ActivationCollector.Collect(graph, plan.Observed, tiles), options).Write();
    }

    // The upper left part whose sides are multiples of the network's stride.
    private static RgbImage Trimmed(RgbImage tile, int stride)
    {
        var result = new RgbImage(tile.Width / stride * stride, tile.Height / stride * stride);
        for (var y = 0; y < result.Height; y++)
        {
            tile.Row(y)[..(result.Width * 3)].CopyTo(result.Row(y));
        }

        return result;
    }
}
