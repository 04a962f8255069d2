using HoverFast.Model.Onnx;

namespace HoverFast.Model.Networks;

/// <summary>The published networks with made-up weights, to measure their speed where no checkpoint is at hand.</summary>
internal static class FormulaModel
{
    /// <summary>HoverFast's network.</summary>
    public const string HoverFastName = "hoverfast-network-formula";

    /// <summary>HoVer-Net in its mode <c>fast</c>, with the six types of PanNuke.</summary>
    public const string HoverNetName = "hovernet-fast-formula";

    /// <summary>The names of both.</summary>
    public static IReadOnlyList<string> Names { get; } = [HoverFastName, HoverNetName];

    /// <summary>Writes the model and its card.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="modelPath">Where to, <c>X.onnx</c>.</param>
    public static ModelCard Write(string name, string modelPath)
    {
        var (graph, card) = Build(name, NetworkOutputs.Maps);
        graph.Save(modelPath);
        card = card with
        {
            Name = name,
            Kind = "formula",
            Licence = "none needed: the weights follow from a formula",
            Description = card.Description + " Its weights are made up: for measuring speed only.",
            Sha256 = ModelCard.HashOf(File.ReadAllBytes(modelPath)),
        };
        card.Save(ModelCard.PathFor(modelPath));
        return card;
    }

    /// <summary>The graph and card.</summary>
    internal static (OnnxGraph Graph, ModelCard Card) Build(string name, NetworkOutputs outputs) => name switch
    {
        HoverFastName => HoverFastNetwork.Build(
            new FormulaWeights(Enumerable.Range(0, 3).ToDictionary(i => $"down_path.{i}.conv.weight", i => (long[])[16 << i, 32 << i, 1, 1])),
            outputs),
        HoverNetName => HoverNetNetwork.Build(
            new FormulaWeights(new Dictionary<string, long[]>(StringComparer.Ordinal)
            {
                ["decoder.np.u3.conva.weight"] = [256, 1024, 3, 3],
                ["decoder.tp.u0.conv.weight"] = [6, 64, 1, 1],
            }),
            outputs),
        _ => throw new ArgumentException($"There is no such network: {name}; there are {string.Join(", ", Names)}.", nameof(name)),
    };
}
