using System.Text.Json;
using HoverFast.Model.Checkpoints;
using HoverFast.Model.Networks;
using HoverFast.Model.Onnx;

namespace HoverFast.Model;

/// <summary>
/// Turns published PyTorch checkpoints into models of ours: an ONNX file and its card. HoverFast's and HoVer-Net's networks are
/// known by the names of their tensors; HoVer-Net keeps its own input size, overlap and nucleus types.
/// </summary>
public static class ModelImporter
{
    /// <summary>Imports a checkpoint. The same file and options give the same bytes.</summary>
    /// <param name="checkpointPath">The file that <c>torch.save</c> wrote.</param>
    /// <param name="modelPath">Where the model goes, <c>X.onnx</c>; its card goes beside it.</param>
    /// <param name="options">Words for the card, or null.</param>
    /// <returns>The card.</returns>
    /// <exception cref="CheckpointException">The checkpoint can't be read or belongs to no known network.</exception>
    /// <exception cref="ModelException">The list of types doesn't fit, a card may not have the name, licence or pixel size, or the model can't be written.</exception>
    public static ModelCard Import(string checkpointPath, string modelPath, ModelImportOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelPath);
        if (!modelPath.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase))
        {
            throw new ModelException(modelPath, "a model's file name ends in .onnx.");
        }

        options ??= new ModelImportOptions();
        using var checkpoint = Checkpoint.Open(checkpointPath);
        var (graph, card) = Build(checkpoint, NetworkOutputs.Maps);
        if (options.TypesPath is { } typesPath)
        {
            card = card.Types is { } types
                ? card with { Types = NucleusTypes.Read(typesPath, types.Count) }
                : throw new ModelException(checkpointPath, "knows no nucleus types; leave the list of types out.");
        }

        if (options.Mpp is { } mpp)
        {
            card = card with { Mpp = mpp };
        }

        card = card with
        {
            Name = options.Name ?? Path.GetFileNameWithoutExtension(modelPath),
            Licence = options.Licence ?? "as the checkpoint's authors state; not known to this program",
        };
        RequireUsable(card, modelPath);
        graph.Metadata["network"] = card.Description;
        try
        {
            graph.Save(modelPath);
            card = card with { Sha256 = ModelCard.HashOf(File.ReadAllBytes(modelPath)) };
            card.Save(ModelCard.PathFor(modelPath));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelException(modelPath, $"can't be written ({e.Message}).", e);
        }

        return card;
    }

    // What is written must be read again: a name or pixel size that no card may have is told of before.
    private static void RequireUsable(ModelCard card, string path)
    {
        try
        {
            ModelCardCheck.Require(card);
        }
        catch (JsonException e)
        {
            throw new ModelException(path, $"can't be made: {e.Message}.", e);
        }
    }

    /// <summary>The graph and card of a checkpoint, whichever network it holds.</summary>
    internal static (OnnxGraph Graph, ModelCard Card) Build(Checkpoint checkpoint, NetworkOutputs outputs) =>
        HoverFastNetwork.Matches(checkpoint) ? HoverFastNetwork.Build(checkpoint, outputs)
        : HoverNetNetwork.Matches(checkpoint) ? HoverNetNetwork.Build(checkpoint, outputs)
        : throw checkpoint.Error($"holds neither {HoverFastNetwork.Name}'s network nor {HoverNetNetwork.Name}; no other checkpoints can be imported");
}
