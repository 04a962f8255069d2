using HoverFast.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace HoverFast.Training.Optimisation;

/// <summary>
/// The loss of HoVer-Net (Graham et al., MedIA 2019): cross-entropy and Dice on the nucleus map, squared error on the HV maps and on
/// their gradients. Targets may be soft (a coverage, a teacher's probability).
/// </summary>
internal static class Losses
{
    // A number that is passed to TorchSharp becomes a native object that the garbage collector may free while the call still runs:
    // numbers of the training step are kept.
    private static readonly Scalar _zero = 0;
    private static readonly Scalar _one = 1;
    private static readonly Scalar _two = 2;

    /// <summary>The weighted loss and its parts.</summary>
    /// <param name="output">(N, 3, H, W): probability logit, horizontal, vertical.</param>
    /// <param name="target">(N, 5, H, W): probability 0..1, horizontal, vertical, weight of the pixel for the probability, weight for the HV maps.</param>
    /// <param name="weights">How much each term counts.</param>
    public static (Tensor Total, Tensor CrossEntropy, Tensor Dice, Tensor Hv, Tensor Gradient) Of(Tensor output, Tensor target, LossWeights weights)
    {
        var logit = output.select(1, 0);
        var hv = output.slice(1, 1, 3, 1);
        var probability = target.select(1, 0);
        var hvTarget = target.slice(1, 1, 3, 1);
        var pixelWeight = target.select(1, 3);
        var hvWeight = target.slice(1, 4, 5, 1);

        var crossEntropy = F.binary_cross_entropy_with_logits(logit, probability, pixelWeight, nn.Reduction.Sum) / pixelWeight.sum().Plus(_one);
        var counted = pixelWeight.clamp(_zero, _one);
        var p = sigmoid(logit) * counted;
        var t = probability * counted;
        var dice = ((p * t).sum().mul(_two).Plus(_one) / p.Plus(t).sum().Plus(_one)).neg().Plus(_one);
        var error = hv.Minus(hvTarget);
        var hvLoss = (error.Squared() * hvWeight).sum() / hvWeight.sum().mul(_two).Plus(_one);
        var gradient = Gradient(error, hvWeight);
        using Scalar crossEntropyWeight = weights.CrossEntropy, diceWeight = weights.Dice, hvTermWeight = weights.Hv, gradientWeight = weights.HvGradient;
        var total = crossEntropy.mul(crossEntropyWeight).Plus(dice.mul(diceWeight)).Plus(hvLoss.mul(hvTermWeight)).Plus(gradient.mul(gradientWeight));
        return (total, crossEntropy, dice, hvLoss, gradient);
    }

    // The gradient is linear, so the gradient of the error is the error of the gradient. Central differences over 2 pixels, each map along its own axis.
    private static Tensor Gradient(Tensor error, Tensor weight)
    {
        var width = error.shape[3];
        var height = error.shape[2];
        var dx = error.slice(1, 0, 1, 1).slice(3, 2, width, 1).Minus(error.slice(1, 0, 1, 1).slice(3, 0, width - 2, 1));
        var dy = error.slice(1, 1, 2, 1).slice(2, 2, height, 1).Minus(error.slice(1, 1, 2, 1).slice(2, 0, height - 2, 1));
        var wx = weight.slice(3, 2, width, 1) * weight.slice(3, 0, width - 2, 1);
        var wy = weight.slice(2, 2, height, 1) * weight.slice(2, 0, height - 2, 1);
        return (dx.Squared() * wx).sum().Plus((dy.Squared() * wy).sum()) / wx.sum().Plus(wy.sum()).Plus(_one);
    }
}
