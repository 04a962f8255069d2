using HoverFast.Model;
using HoverFast.Model.Onnx;
using HoverFast.Training.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace HoverFast.Training.Optimisation;

/// <summary>The weights that a run begins with.</summary>
internal static class StartingWeights
{
    /// <summary>
    /// Reads <c>startFrom</c>, <c>widenFrom</c>, <c>narrowFrom</c> or <c>encoderFrom</c> (which lacks the decoder); null where the run begins at random.
    /// </summary>
    /// <exception cref="InvalidDataException">The file isn't one, or is of another network.</exception>
    public static IReadOnlyDictionary<string, Tensor>? Of(TrainingConfiguration run, string baseFolder)
    {
        if (run.StartFrom is { } start)
        {
            if (!IsModel(start))
            {
                return TrainedWeights.Read(Whole(start)).Weights;
            }

            var model = StartingModel.Load(StartingModel.Place(start, baseFolder));
            return OfModel(model.Graph, model.Card, model.Name);
        }

        if (run.WidenFrom is { } narrow)
        {
            var (weights, network) = Trained(Whole(narrow));
            return Widening.Widen(weights, network, run.Network, run.Seed);
        }

        if (run.NarrowFrom is { } wide)
        {
            if (IsModel(wide))
            {
                var model = StartingModel.Load(StartingModel.Place(wide, baseFolder));
                return model.Card.Network is { } shape && shape.Widths.SequenceEqual(run.Network.Widths)
                    ? Narrowing.Narrow(OfModel(model.Graph, model.Card, model.Name), shape, run.Network)
                    : throw new ModelException(
                        model.Name,
                        "is exported, so that it can't be told which channels matter: only residual pairs can be left out. Narrow the weights of its run instead.");
            }

            var (weights, network) = Trained(Whole(wide));
            return Narrowing.Narrow(weights, network, run.Network);
        }

        return run.EncoderFrom is { } encoder ? ImageNetEncoder.Read(Whole(encoder), run.Network) : null;

        static (Dictionary<string, Tensor> Weights, StudentArchitecture Network) Trained(string path)
        {
            var (weights, metadata) = TrainedWeights.Read(path);
            return (weights, TrainingConfiguration.Parse(metadata.GetValueOrDefault("configuration") ?? "{}", path).Network);
        }

        string Whole(string path) => Path.GetFullPath(Path.Combine(baseFolder, path));
    }

    /// <summary>Whether a file (or a name) is an exported model, whose batch norm is folded into its convolutions, and not a file of weights.</summary>
    public static bool IsModel(string? path) => Path.GetExtension(path) == ".onnx" || (path is not null && NucleusModel.BuiltIn.Contains(path));

    /// <summary>
    /// The convolutions of an exported float32 model as a network whose batch norm changes nothing; to be trained with <c>freezeNorm</c>, or after
    /// <see cref="UNet.Renormalise(Tensor)"/>.
    /// </summary>
    /// <exception cref="ModelException">The model can't be trained further.</exception>
    public static Dictionary<string, Tensor> OfModel(ReadOnlySpan<byte> onnx, ModelCard card, string path)
    {
        if (card.Network is not { } network || card.Precision != "float32")
        {
            throw new ModelException(path, "can't be trained further. Take a float32 model that 'hoverfast export' wrote, for example hoverfast-he-float32.");
        }

        var layers = StudentGraph.Weights(OnnxGraph.Parse(onnx, path), network);
        var weights = new Dictionary<string, Tensor>();
        using Scalar unchanging = 1 - UNet.BatchNormEpsilon;
        foreach (var layer in network.Layers())
        {
            var (folded, inputs, outputs) = (layers[layer.Name], UNet.Padded(layer.Inputs), UNet.Padded(layer.Outputs));
            var weight = zeros(outputs, inputs, layer.Kernel, layer.Kernel);
            weight
                .slice(0, 0, layer.Outputs, 1)
                .slice(1, 0, layer.Inputs, 1)
                .copy_(tensor(folded.Weight, [layer.Outputs, layer.Inputs, layer.Kernel, layer.Kernel]));
            var bias = zeros(outputs);
            bias.slice(0, 0, layer.Outputs, 1).copy_(tensor(folded.Bias));
            weights[layer.Name + ".weight"] = weight;
            weights[layer.Name + ".beta"] = bias;
            if (layer.Normalised)
            {
                weights[layer.Name + ".gamma"] = ones(outputs);
                weights[layer.Name + ".mean"] = zeros(outputs);
                weights[layer.Name + ".variance"] = full([outputs], unchanging);
            }
        }

        return weights;
    }
}
