using static TorchSharp.torch;

namespace HoverFast.Training.Networks;

/// <summary>What a network says of a batch.</summary>
/// <param name="Maps">(N, 3, H / outputStride, W / outputStride) float32: probability logit, horizontal, vertical.</param>
/// <param name="Types">(N, types, h, w) float32, a logit for each type and pixel of the branch's level; null for a network without types.</param>
internal sealed record NetworkAnswer(Tensor Maps, Tensor? Types);
