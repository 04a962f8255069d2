using TorchSharp;
using static TorchSharp.torch;

namespace HoverFast.Training.Optimisation;

/// <summary>
/// The weights that runs end with. Those of several runs from one start are averaged number by number (Wortsman et al., Model soups, ICML 2022): as
/// good as the better seed or better, without choosing one.
/// </summary>
internal static class TrainedWeights
{
    private const string AveragePrefix = "average.";

    /// <summary>Reads weights.</summary>
    /// <param name="paths">Files that a run left: <c>best.safetensors</c>, or <c>last.safetensors</c>, of which the moving average counts.</param>
    /// <exception cref="InvalidDataException">A file isn't one, or the files are of different networks.</exception>
    public static Dictionary<string, Tensor> Read(IReadOnlyList<string> paths)
    {
        var all = paths.Select(p => Read(p).Weights).ToList();
        using Scalar share = 1.0 / all.Count, one = 1;
        return all[0].ToDictionary(p => p.Key, p => Mean(p.Key));

        Tensor Mean(string name)
        {
            var sum = all[0][name].clone();
            for (var i = 1; i < all.Count; i++)
            {
                if (!all[i].TryGetValue(name, out var other) || !other.shape.SequenceEqual(sum.shape))
                {
                    throw new InvalidDataException(
                        $"{paths[i]}: '{name}' is missing or has another shape than in {paths[0]}; only weights of one network can be averaged.");
                }

                sum.add_(other, one);
            }

            return sum.mul_(share);
        }
    }

    /// <summary>Reads the weights of one run, and what its file says of it.</summary>
    public static (Dictionary<string, Tensor> Weights, Dictionary<string, string> Metadata) Read(string path)
    {
        var (tensors, metadata) = TensorFile.Read(path);
        var average = AverageIn(tensors);
        return (average.Count > 0 ? average : tensors, metadata);
    }

    /// <summary>The moving average by the names under which a checkpoint keeps it.</summary>
    public static Dictionary<string, Tensor> Marked(IEnumerable<KeyValuePair<string, Tensor>> average) =>
        average.ToDictionary(t => AveragePrefix + t.Key, t => t.Value);

    /// <summary>The moving average in a checkpoint's tensors, by the network's names; empty where they hold none.</summary>
    public static Dictionary<string, Tensor> AverageIn(IReadOnlyDictionary<string, Tensor> tensors) =>
        tensors.Where(t => t.Key.StartsWith(AveragePrefix, StringComparison.Ordinal)).ToDictionary(t => t.Key[AveragePrefix.Length..], t => t.Value);
}
