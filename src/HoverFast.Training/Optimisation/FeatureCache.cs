using HoverFast.Training.Data;
using HoverFast.Training.Networks;
using TorchSharp;
using static TorchSharp.torch;

namespace HoverFast.Training.Optimisation;

/// <summary>
/// What the branch of nucleus types is shown while the trunk stays: the trunk's features of a number of crops, computed when a crop first comes and kept, in
/// bfloat16, for when it comes again.
/// </summary>
/// <param name="network">The network.</param>
/// <param name="sampler">Draws the crops.</param>
/// <param name="targets">Makes of a crop what the branch should say.</param>
/// <param name="count">How many crops there are; the next one is the first again.</param>
internal sealed class FeatureCache(UNet network, CropSampler sampler, TypeTargets targets, int count) : IDisposable
{
    private readonly Dictionary<long, (Tensor Deep, Tensor Side, Tensor Target)> _kept = [];

    /// <summary>A batch.</summary>
    /// <param name="first">Number of its first crop.</param>
    /// <param name="batch">How many crops.</param>
    /// <returns>The features and what the branch should say of them, for the current scope.</returns>
    public (Tensor Deep, Tensor Side, Tensor Target) Take(long first, int batch)
    {
        var numbers = Enumerable.Range(0, batch).Select(i => (first + i) % count).ToArray();
        Keep([.. numbers.Where(n => !_kept.ContainsKey(n)).Distinct()]);
        var parts = Array.ConvertAll(numbers, n => _kept[n]);
        var (deep, side) = (cat([.. parts.Select(p => p.Deep)]), cat([.. parts.Select(p => p.Side)]));
        return (UNet.ChannelsLast(deep), UNet.ChannelsLast(side), cat([.. parts.Select(p => p.Target)]));
    }

    public void Dispose()
    {
        foreach (var (deep, side, target) in _kept.Values)
        {
            deep.Dispose();
            side.Dispose();
            target.Dispose();
        }
    }

    private void Keep(long[] numbers)
    {
        if (numbers.Length == 0)
        {
            return;
        }

        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var crops = Array.ConvertAll(numbers, sampler.Draw);
        var (deep, side) = network.FeaturesForTypes(Batches.Input(crops, network.Architecture, network.Device));
        for (var i = 0; i < crops.Length; i++)
        {
            _kept[numbers[i]] = (Part(deep, i), Part(side, i), targets.Of([crops[i]], network.Device).DetachFromDisposeScope());
        }

        static Tensor Part(Tensor all, int i) => all.slice(0, i, i + 1, 1).to(ScalarType.BFloat16).clone().DetachFromDisposeScope();
    }
}
