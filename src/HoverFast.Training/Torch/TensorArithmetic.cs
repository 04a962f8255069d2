using TorchSharp;
using static TorchSharp.torch;

namespace HoverFast.Training.Torch;

/// <summary>
/// Arithmetic of tensors for the steps of a training run. TorchSharp's own operators make a native number for each call (the factor of a sum's second term,
/// the exponent of a square, what <c>ToSingle</c> reads), which the garbage collector may free while the call still runs; libtorch then ends the run:
/// "INTERNAL ASSERT FAILED at c10/core/Scalar.h". These keep theirs.
/// </summary>
internal static class TensorArithmetic
{
    private static readonly Scalar _one = 1;
    private static readonly Scalar _minusOne = -1;
    private static readonly Scalar _two = 2;

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, Tensor b) => a.add(b, _one);

    /// <summary>a - b.</summary>
    public static Tensor Minus(this Tensor a, Tensor b) => a.add(b, _minusOne);

    /// <summary>a + b; the caller holds b.</summary>
    public static Tensor Plus(this Tensor a, Scalar b) => a.add(b, _one);

    /// <summary>a + b.</summary>
    public static Tensor Plus(this Tensor a, double b)
    {
        using Scalar number = b;
        return a.add(number, _one);
    }

    /// <summary>a · b.</summary>
    public static Tensor Times(this Tensor a, double b)
    {
        using Scalar number = b;
        return a.mul(number);
    }

    /// <summary>The number of a tensor that holds one.</summary>
    public static float Number(this Tensor a)
    {
        using var number = a.ToScalar();
        return number.ToSingle();
    }

    /// <summary>The square of each element.</summary>
    public static Tensor Squared(this Tensor a) => a.pow(_two);
}
