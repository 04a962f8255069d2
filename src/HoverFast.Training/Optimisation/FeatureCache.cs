using HoverFast.Training.Data;
using HoverFast.Training.Networks;
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
    // Many small tensors that outlive others would leave gaps between the forward pass's large ones: memory grew to four times what is kept.
    private const int Block = 256;
    private readonly Dictionary<long, (Tensor Deep, Tensor Side, Tensor Target)> _blocks = [];
    private readonly HashSet<long> _kept = [];

    /// <summary>A batch.</summary>
    /// <param name="first">Number of its first crop.</param>
    /// <param name="batch">How many crops.</param>
    /// <returns>The features and what the branch should say of them, for the current scope.</returns>
    public (Tensor Deep, Tensor Side, Tensor Target) Take(long first, int batch)
    {
        var numbers = Enumerable.Range(0, batch).Select(i => (first + i) % count).ToArray();
        Keep([.. numbers.Where(n => !_kept.Contains(n)).Distinct()]);
        return (UNet.ChannelsLast(Of(b => b.Deep)), UNet.ChannelsLast(Of(b => b.Side)), Of(b => b.Target));

        Tensor Of(Func<(Tensor Deep, Tensor Side, Tensor Target), Tensor> part) =>
            cat([.. numbers.Select(n => part(_blocks[n / Block]).slice(0, n % Block, (n % Block) + 1, 1))]);
    }

    public void Dispose()
    {
        foreach (var (deep, side, target) in _blocks.Values)
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
            var target = targets.Of([crops[i]], network.Device);
            if (!_blocks.TryGetValue(numbers[i] / Block, out var block))
            {
                _blocks[numbers[i] / Block] = block = (Room(deep, ScalarType.BFloat16), Room(side, ScalarType.BFloat16), Room(target, target.dtype));
            }

            Put(block.Deep, deep.slice(0, i, i + 1, 1));
            Put(block.Side, side.slice(0, i, i + 1, 1));
            Put(block.Target, target);
            _kept.Add(numbers[i]);

            void Put(Tensor room, Tensor one) => room.slice(0, numbers[i] % Block, (numbers[i] % Block) + 1, 1).copy_(one);
        }

        static Tensor Room(Tensor like, ScalarType type) => empty([Block, .. like.shape[1..]], type, device: like.device).DetachFromDisposeScope();
    }
}
