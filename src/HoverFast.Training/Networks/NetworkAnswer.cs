using static TorchSharp.torch;

namespace HoverFast.Training.Networks;

/// <summary>What a network says of a batch.</summary>
/// <param name="Maps">(N, 3, H / outputStride, W / outputStride) float32: probability logit, horizontal, vertical.</param>
/// <param name="Types">(N, types, h, w) float32, a logit for each type and pixel of the branch's level; null for a network without types.</param>
internal sealed record NetworkAnswer(Tensor Maps, Tensor? Types)
{
    /// <summary>What it says of a crop and those after it.</summary>
    /// <param name="first">The first crop's place in the batch.</param>
    public NetworkAnswer From(int first) => new(Maps.slice(0, first, Maps.shape[0], 1), Types?.slice(0, first, Types.shape[0], 1));
}
