using System.IO.Hashing;
using System.Text;

namespace HoverFast.Model.Networks;

/// <summary>
/// Made-up weights for measuring a network's speed, which does not depend on them: each tensor is filled by a linear congruential generator
/// that its name seeds, at a scale that keeps numbers in range from layer to layer. The nuclei that come of it mean nothing.
/// </summary>
/// <param name="shapes">The tensors that tell the variants of a network apart, with their shapes.</param>
internal sealed class FormulaWeights(IReadOnlyDictionary<string, long[]> shapes) : INetworkWeights
{
    public IReadOnlyList<string> Names => [];

    public IReadOnlyDictionary<string, object> Settings { get; } = new Dictionary<string, object>(StringComparer.Ordinal);

    public bool Contains(string name) => shapes.ContainsKey(name);

    public IReadOnlyList<long> ShapeOf(string name) => shapes.TryGetValue(name, out var shape) ? shape : throw Error($"have no shape for {name}");

    public float[] Floats(string name, params long[] shape)
    {
        var (offset, factor) =
            name.EndsWith("running_var", StringComparison.Ordinal) ? (1.25, 0.5)
            : name.EndsWith("running_mean", StringComparison.Ordinal) ? (0, 0.1)
            : shape.Length == 4 ? (0, Math.Sqrt(24.0 / (shape[1] * shape[2] * shape[3])))
            : name.EndsWith("weight", StringComparison.Ordinal) ? (1, 0.2)
            : (0, 0.2);
        var values = new float[shape.Aggregate(1L, (a, b) => a * b)];
        var state = Crc32.HashToUInt32(Encoding.UTF8.GetBytes(name));
        for (var i = 0; i < values.Length; i++)
        {
            // Knuth, The Art of Computer Programming, volume 2, 3.3.4.
            state = unchecked((1664525u * state) + 1013904223u);
            values[i] = (float)(offset + (factor * ((state / 4294967296.0) - 0.5)));
        }

        return values;
    }

    public ModelException Error(string problem) => new("made-up weights", problem);
}
