
namespace HoverFast.Model.Networks;

/// <summary>Weights by their names in PyTorch: of a checkpoint, or made up by a rule.</summary>
internal interface INetworkWeights
{
    /// <summary>The names of all tensors; empty where any name will do.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>What the file says of the network beside its tensors.</summary>
    IReadOnlyDictionary<string, object> Settings { get; }

    /// <summary>Whether there is such a tensor.</summary>
    bool Contains(string name);

    /// <summary>The shape of a tensor.</summary>
    /// <exception cref="ModelException">There is no such tensor.</exception>
    IReadOnlyList<long> ShapeOf(string name);

    /// <summary>The numbers of a tensor, which must have the given shape.</summary>
    /// <exception cref="ModelException">There is no such tensor, or it has another shape.</exception>
    float[] Floats(string name, params long[] shape);

    /// <summary>An error about these weights.</summary>
    ModelException Error(string problem);
}
