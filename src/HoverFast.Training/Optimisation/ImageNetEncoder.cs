using System.Runtime.InteropServices;
using Google.Protobuf;
using HoverFast.Model;
using HoverFast.Model.Onnx;
using HoverFast.Model.Onnx.Wire;
using static TorchSharp.torch;

namespace HoverFast.Training.Optimisation;

/// <summary>
/// The first three stages of a ResNet-18 (He et al., CVPR 2016) that was trained on ImageNet, as the encoder of a network of the same shape:
/// half-resolution stem with a kernel of 5 blocks, widths 64, 128, 256, convolutions 5, 4, 4, strided blocks. ResNet's first max pooling is
/// left out, so that its filters see nuclei at twice the size. Read from the ONNX file that ML.NET publishes (BGR less a mean image).
/// </summary>
internal static class ImageNetEncoder
{
    // Blue, green, red: the mean image's own means; that it varies a little over the picture doesn't matter here.
    private static readonly float[] _mean = [103.94f, 116.78f, 123.68f];

    /// <summary>Reads the encoder's tensors.</summary>
    /// <param name="path">ResNet18.onnx.</param>
    /// <param name="network">The network that they are for.</param>
    /// <exception cref="InvalidDataException">The file is no such network, or the network isn't of that shape.</exception>
    public static Dictionary<string, Tensor> Read(string path, StudentArchitecture network)
    {
        if (network is not { Stem: 2, StemKernel: 5, Residual: true, StridedBlocks: true, Widths: [64, 128, 256], EncoderConvolutions: [5, 4, 4] })
        {
            throw new InvalidDataException(
                "encoderFrom: the network must have a ResNet-18's encoder: stem 2, stemKernel 5, residual, stridedBlocks, widths 64, 128, 256 and encoderConvolutions 5, 4, 4.");
        }

        var graph = Parse(path);
        var constants = graph.Initializer.ToDictionary(c => c.Name, StringComparer.Ordinal);
        var normalised = graph.Node.Where(n => n.OpType == "BatchNormalization" && n.Input.Count == 5).ToDictionary(n => n.Input[0], StringComparer.Ordinal);
        var convolutions = graph
            .Node.Where(n => n.OpType == "Conv" && n.Input.Count == 2 && n.Output.Count == 1 && constants.ContainsKey(n.Input[1]))
            .ToLookup(n => constants[n.Input[1]].Dims is [.., 1]);
        var weights = new Dictionary<string, Tensor>();
        var (shortcuts, main) = (new Queue<NodeProto>(convolutions[true]), new Queue<NodeProto>(convolutions[false]));
        foreach (var layer in network.Layers().Where(l => l.Name.StartsWith("encoder", StringComparison.Ordinal)))
        {
            var from = layer.Kernel == 1 ? shortcuts : main;
            if (!from.TryDequeue(out var node) || !normalised.TryGetValue(node.Output[0], out var norm))
            {
                throw new InvalidDataException($"{path}: not a ResNet-18: {layer.Name} is missing.");
            }

            var kernel = Floats(node.Input[1]);
            var mean = Floats(norm.Input[3]);
            if (layer.Name == "encoder0.0")
            {
                (kernel, mean) = Stem(kernel, mean, layer);
            }

            if (kernel.Length != layer.Inputs * layer.Outputs * layer.Kernel * layer.Kernel)
            {
                throw new InvalidDataException($"{path}: not a ResNet-18: {layer.Name} has another shape.");
            }

            var padded = zeros(layer.Outputs, Networks.UNet.Padded(layer.Inputs), layer.Kernel, layer.Kernel);
            padded.slice(1, 0, layer.Inputs, 1).copy_(tensor(kernel, [layer.Outputs, layer.Inputs, layer.Kernel, layer.Kernel]));
            weights[layer.Name + ".weight"] = padded;
            weights[layer.Name + ".gamma"] = tensor(Floats(norm.Input[1]));
            weights[layer.Name + ".beta"] = tensor(Floats(norm.Input[2]));
            weights[layer.Name + ".mean"] = tensor(mean);
            weights[layer.Name + ".variance"] = tensor(Floats(norm.Input[4]));
        }

        return weights;

        float[] Floats(string name) => constants.TryGetValue(name, out var c) && c.DataType == (int)OnnxType.Float
            ? c.FloatData.Count > 0 ? [.. c.FloatData] : MemoryMarshal.Cast<byte, float>(c.RawData.Span).ToArray()
            : throw new InvalidDataException($"{path}: not a ResNet-18: a convolution's numbers are missing.");
    }

    private static GraphProto Parse(string path)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph ?? new GraphProto();
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException($"{path}: is no ONNX file ({e.Message}).", e);
        }
    }

    // 7x7 of stride 2 over pixels, from 3 before the block's first pixel to 3 after it, as 5x5 over blocks of 2x2, from 4 before to 5 after.
    private static (float[] Kernel, float[] Mean) Stem(float[] kernel, float[] mean, StudentArchitecture.Layer layer)
    {
        const int side = 7;
        if (kernel.Length != layer.Outputs * 3 * side * side)
        {
            throw new InvalidDataException("The first convolution isn't one of 7x7 over three colours.");
        }

        var packed = new float[layer.Outputs * layer.Inputs * layer.Kernel * layer.Kernel];
        var shifted = (float[])mean.Clone();
        for (var o = 0; o < layer.Outputs; o++)
        {
            for (var bgr = 0; bgr < 3; bgr++)
            {
                for (var y = 0; y < side; y++)
                {
                    for (var x = 0; x < side; x++)
                    {
                        var (row, column) = (y + 1, x + 1);
                        var channel = ((((row % 2) * 2) + (column % 2)) * 3) + 2 - bgr;
                        var w = kernel[(((((o * 3) + bgr) * side) + y) * side) + x];
                        packed[(((((o * layer.Inputs) + channel) * layer.Kernel) + (row / 2)) * layer.Kernel) + (column / 2)] = w * StudentGraph.GreyUnit;
                        shifted[o] -= w * (StudentGraph.GreyZero - _mean[bgr]);
                    }
                }
            }
        }

        return (packed, shifted);
    }
}
