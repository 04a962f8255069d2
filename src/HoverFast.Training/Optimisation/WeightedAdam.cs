using HoverFast.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace HoverFast.Training.Optimisation;

/// <summary>
/// AdamW (Loshchilov and Hutter, ICLR 2019) whose state is named tensors, so that a killed run resumes exactly. Weight decay applies
/// to convolution weights alone.
/// </summary>
internal sealed class WeightedAdam(IReadOnlyDictionary<string, Tensor> parameters, double weightDecay) : IDisposable
{
    private const double Beta1 = 0.9;
    private const double Beta2 = 0.99;
    private const double Epsilon = 1e-8;
    private readonly Dictionary<string, Tensor> _state = parameters
        .SelectMany(p => new[] { "first.", "second." }.Select(kind => KeyValuePair.Create(kind + p.Key, zeros_like(p.Value).DetachFromDisposeScope())))
        .ToDictionary(StringComparer.Ordinal);

    /// <summary>The moments by name, for checkpoints.</summary>
    public IReadOnlyDictionary<string, Tensor> State => _state;

    /// <summary>Moves the parameters by one step.</summary>
    /// <param name="step">Number of this step, from 1.</param>
    /// <param name="rate">Learning rate.</param>
    /// <param name="clip">Largest norm of the whole gradient.</param>
    /// <returns>The gradient's norm before clipping.</returns>
    public double Step(long step, double rate, double clip)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using Scalar one = 1;
        var squares = zeros(1);
        foreach (var p in parameters.Values.Where(p => p.grad is not null))
        {
            squares.add_(p.grad!.Squared().sum(), one);
        }

        var norm = Math.Sqrt(squares.Number());
        if (!double.IsFinite(norm))
        {
            return norm;
        }

        var scale = norm > clip ? clip / norm : 1.0;

        // Kept until the step is done: see Losses.
        using Scalar shrink = scale, beta1 = Beta1, beta2 = Beta2, rest1 = 1 - Beta1, rest2 = 1 - Beta2, epsilon = Epsilon;
        using Scalar decay = 1 - (rate * weightDecay), move = -rate, correction1 = 1 - Math.Pow(Beta1, step), correction2 = 1 - Math.Pow(Beta2, step);

        // What the loss doesn't reach, as the branch of types where no tile has types, stays.
        foreach (var (name, p) in parameters.Where(p => p.Value.grad is not null))
        {
            var gradient = p.grad!.mul(shrink);
            var first = _state["first." + name];
            var second = _state["second." + name];
            first.mul_(beta1).add_(gradient, alpha: rest1);
            second.mul_(beta2).addcmul_(gradient, gradient, value: rest2);
            if (p.dim() == 4)
            {
                p.mul_(decay);
            }

            p.addcdiv_(first.div(correction1), second.div(correction2).sqrt_().add_(epsilon, one), value: move);
            p.grad!.zero_();
        }

        return norm;
    }

    /// <summary>Takes the moments of a checkpoint.</summary>
    public void Load(IReadOnlyDictionary<string, Tensor> values)
    {
        using var noGrad = no_grad();
        foreach (var (name, tensor) in _state)
        {
            tensor.copy_(values[name]);
        }
    }

    public void Dispose()
    {
        foreach (var tensor in _state.Values)
        {
            tensor.Dispose();
        }
    }
}
