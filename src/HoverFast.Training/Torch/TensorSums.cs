using TorchSharp;
using static TorchSharp.torch;

namespace HoverFast.Training.Torch;

/// <summary>
/// Sums of tensors for the steps of a training run. TorchSharp's own operators make a native number for each call, the factor 1 of the second tensor, which
/// the garbage collector may free while the call still runs: once in some hundred thousand steps a run ended so. These keep theirs.
/// </summary>
internal static class TensorSums
{
    private static readonly Scalar _one = 1;
    private static readonly Scalar _minusOne = -1;

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, _one);

    /// <summary>a - b.</summary>
    public static Tensor Minus(this Tensor a, Tensor b) => a.add(b, _minusOne);
}
