using HoverFast.Model.Onnx;

namespace HoverFast.Model;

/// <summary>Writes a trained <see cref="StudentArchitecture"/> as the ONNX graph that <see cref="NucleusModel"/> runs.</summary>
internal static class StudentGraph
{
    /// <summary>Grey level that the network sees as 0: zero padding then means a middle grey.</summary>
    public const float GreyZero = 128;

    /// <summary>Grey levels in one unit of the network's input.</summary>
    public const float GreyUnit = 64;

    /// <summary>Builds the graph.</summary>
    /// <param name="architecture">The network's shape.</param>
    /// <param name="layers">A folded convolution for each of <see cref="StudentArchitecture.Layers"/>, by name.</param>
    /// <param name="name">Name of the graph.</param>
    /// <exception cref="ArgumentException">A layer is missing or of another shape.</exception>
    public static OnnxGraph Build(StudentArchitecture architecture, IReadOnlyDictionary<string, FoldedLayer> layers, string name)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        ArgumentNullException.ThrowIfNull(layers);
        architecture.Validate();
        return new Builder(architecture, layers, name).Build();
    }

    /// <summary>Takes the convolutions out of a float32 graph that <see cref="Build"/> made, to train them further.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="architecture">Its shape.</param>
    /// <returns>A folded convolution for each of <see cref="StudentArchitecture.Layers"/>, by name.</returns>
    /// <exception cref="ArgumentException">The graph is quantised, or of another shape.</exception>
    public static IReadOnlyDictionary<string, FoldedLayer> Weights(OnnxGraph graph, StudentArchitecture architecture)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(architecture);
        var constants = graph.Constants.Where(c => c.Type == OnnxType.Float).ToDictionary(c => c.Value.Name, StringComparer.Ordinal);
        var layers = new Dictionary<string, FoldedLayer>();
        foreach (var layer in architecture.Layers())
        {
            var weight = Floats(layer.Name + ".weight", layer.Inputs * layer.Outputs * layer.Kernel * layer.Kernel);
            var packed = layer.Name == "encoder0.0" && architecture.Stem > 1;
            layers[layer.Name] = new FoldedLayer(packed ? Pack(weight, layer, architecture.Stem) : weight, Floats(layer.Name + ".bias", layer.Outputs));
        }

        return layers;

        float[] Floats(string name, int count)
        {
            var values = constants.TryGetValue(name, out var constant) ? constant.Floats.ToArray() : [];
            return values.Length == count
                ? values
                : throw new ArgumentException($"The graph's '{name}' isn't that of a float32 student of this shape.", nameof(graph));
        }
    }

    // The way back from Builder.Stem.
    private static float[] Pack(float[] weight, StudentArchitecture.Layer layer, int stem)
    {
        var packed = new float[weight.Length];
        var taps = layer.Kernel * layer.Kernel;
        for (var o = 0; o < layer.Outputs; o++)
        {
            for (var i = 0; i < layer.Inputs; i++)
            {
                for (var k = 0; k < taps; k++)
                {
                    packed[(((o * layer.Inputs) + i) * taps) + k] = weight[StemIndex(layer, o, i, k, stem)];
                }
            }
        }

        return packed;
    }

    // Where the weight of packed channel i (block row, block column, colour) at tap k of the kernel lies in the kernel over pixels.
    private static int StemIndex(StudentArchitecture.Layer layer, int output, int input, int tap, int stem)
    {
        var side = layer.Kernel * stem;
        var (block, channel) = (input / 3, input % 3);
        var row = (tap / layer.Kernel * stem) + (block / stem);
        var column = (tap % layer.Kernel * stem) + (block % stem);
        return (((((output * 3) + channel) * side) + row) * side) + column;
    }

    private sealed class Builder(StudentArchitecture architecture, IReadOnlyDictionary<string, FoldedLayer> layers, string name)
    {
        private readonly OnnxGraph _graph = new(name);
        private readonly Dictionary<string, StudentArchitecture.Layer> _layers = architecture.Layers().ToDictionary(l => l.Name);

        public OnnxGraph Build()
        {
            var image = _graph.Input("image", OnnxType.UInt8, 1, "height", "width", 3);
            var x = _graph.RgbToPlanes(image, 1 / GreyUnit, -GreyZero / GreyUnit);
            var skips = new List<OnnxValue>();
            for (var level = 0; level < architecture.Widths.Count; level++)
            {
                x = Block(level > 0 && !architecture.StridedBlocks ? _graph.MaxPool(x) : x, $"encoder{level}", architecture.EncoderConvolutions[level]);
                skips.Add(x);
            }

            OnnxValue? types = null;
            for (var level = architecture.Widths.Count - 2; level >= 0; level--)
            {
                var deep = x;
                x = _graph.Add(_graph.ResizeNearest2x(Convolve(x, $"up{level}")), skips[level]);
                x = Block(_graph.Relu(x), $"decoder{level}", architecture.DecoderConvolutions[level]);
                if (architecture.Types?.Level == level)
                {
                    types = Types(deep, x);
                }
            }

            var head = Convolve(x, "head");
            var each = architecture.Subpixels * architecture.Subpixels;
            _graph.Output(
                "probability",
                Spread(_graph.ProbabilityToBytes(_graph.Sigmoid(_graph.Slice(head, 1, 0, each)))),
                OnnxType.UInt8,
                1,
                1,
                "mapHeight",
                "mapWidth");
            _graph.Output("hv", Spread(_graph.HvToBytes(_graph.Slice(head, 1, each, 3 * each))), OnnxType.Int8, 1, 2, "mapHeight", "mapWidth");
            if (types is not null)
            {
                _graph.Output("types", types, OnnxType.UInt8, 1, 1, "mapHeight", "mapWidth");
            }

            return _graph;
        }

        // The most probable type of each pixel of the branch's level, from 1, enlarged to the maps' pixels.
        private OnnxValue Types(OnnxValue deep, OnnxValue side)
        {
            var x = _graph.Relu(Convolve(deep, StudentArchitecture.TypeDeep));
            x = _graph.Relu(_graph.Add(_graph.ResizeNearest2x(x), Convolve(side, StudentArchitecture.TypeSide)));
            x = Convolve(_graph.Relu(Convolve(x, StudentArchitecture.TypeMix)), StudentArchitecture.TypeHead);
            x = _graph.Cast(_graph.Add(_graph.ArgMax(x, 1), _graph.Constant("firstType", new long[] { 1 })), OnnxType.UInt8);
            for (var step = architecture.TypeStride; step > 1; step /= 2)
            {
                x = _graph.ResizeNearest2x(x);
            }

            return x;
        }

        // Bytes move four times as fast as floats.
        private OnnxValue Spread(OnnxValue x) => architecture.Subpixels == 1 ? x : _graph.DepthToSpace(x, architecture.Subpixels);

        private OnnxValue Block(OnnxValue x, string block, int count)
        {
            for (var i = 0; i < count; i++)
            {
                var first = _layers[$"{block}.{i}"];
                var residual = architecture.StartsPair(_layers, block, i);
                var shortcut = first.Step > 1 ? Convolve(x, $"{block}.shortcut") : x;
                var y = _graph.Relu(Convolve(x, first.Name));
                x = residual ? _graph.Relu(_graph.Add(shortcut, Convolve(y, $"{block}.{++i}"))) : y;
            }

            return x;
        }

        private OnnxValue Convolve(OnnxValue x, string layerName)
        {
            var layer = _layers[layerName];
            if (!layers.TryGetValue(layerName, out var folded)
                || folded.Weight.Length != layer.Inputs * layer.Outputs * layer.Kernel * layer.Kernel
                || folded.Bias.Length != layer.Outputs)
            {
                throw new ArgumentException($"The weights of layer {layerName} are missing or of another shape.", nameof(layerName));
            }

            return layerName == "encoder0.0" && architecture.Stem > 1
                ? Stem(x, layer, folded)
                : _graph.Conv(
                    x,
                    folded.Weight,
                    [layer.Outputs, layer.Inputs, layer.Kernel, layer.Kernel],
                    folded.Bias,
                    [layer.Kernel / 2],
                    layer.Step,
                    name: layerName);
        }

        // A convolution of side k over blocks of s x s pixels is one of side ks and stride s over the pixels themselves.
        private OnnxValue Stem(OnnxValue x, StudentArchitecture.Layer layer, FoldedLayer folded)
        {
            var s = architecture.Stem;
            var side = layer.Kernel * s;
            var weight = new float[layer.Outputs * 3 * side * side];
            var taps = layer.Kernel * layer.Kernel;
            for (var o = 0; o < layer.Outputs; o++)
            {
                for (var i = 0; i < layer.Inputs; i++)
                {
                    for (var k = 0; k < taps; k++)
                    {
                        weight[StemIndex(layer, o, i, k, s)] = folded.Weight[(((o * layer.Inputs) + i) * taps) + k];
                    }
                }
            }

            return _graph.Conv(x, weight, [layer.Outputs, 3, side, side], folded.Bias, [layer.Kernel / 2 * s], s, name: layer.Name);
        }
    }
}
