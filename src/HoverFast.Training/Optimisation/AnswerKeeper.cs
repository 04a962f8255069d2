using HoverFast.Slides;
using HoverFast.Training.Data;
using HoverFast.Training.Networks;
using HoverFast.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace HoverFast.Training.Optimisation;

/// <summary>Holds a network under training to its start's answers on other tissue: see <see cref="KeepSettings"/>.</summary>
internal sealed class AnswerKeeper : IDisposable
{
    private readonly KeepSettings _settings;
    private readonly UNet _start;
    private readonly CropSampler _sampler;
    private readonly long _steps;
    private CropQueue? _crops;

    /// <param name="run">The run; it has settings for keeping.</param>
    /// <param name="baseFolder">Folder from which its sets are looked up.</param>
    /// <param name="start">The weights that it begins with.</param>
    /// <param name="device">Where the network computes.</param>
    public AnswerKeeper(TrainingConfiguration run, string baseFolder, IReadOnlyDictionary<string, Tensor> start, Device device)
    {
        _settings = run.Keep!;
        _steps = run.Steps;
        _start = new UNet(run.Network, run.Seed, run.Bfloat16, device);
        _start.Load(start);
        var sets = _settings.Sets.Select(s => DataSet.Load(s, baseFolder)).ToList();
        _sampler = new CropSampler(sets, _settings.Augmentation, ~run.Seed, run.CropSize, run.Network.OutputStride, new Mpp(run.WorkingMpp), gapWeight: 0);
    }

    /// <summary>How many crops at the head of a batch are not held: all that the batch itself has, or none.</summary>
    /// <param name="batch">Crops of the batch.</param>
    public int Free(int batch) => _settings.OfBatch ? 0 : batch;

    /// <summary>The crops of the next step.</summary>
    /// <param name="step">Steps done before the first call; later calls follow on it.</param>
    public Crop[] Next(long step) => (_crops ??= new CropQueue(_sampler, step, _settings.Batch, _steps)).Next();

    /// <summary>
    /// How far the network's answers lie from its start's: cross-entropy of the probabilities, squared error of the HV maps and cross-entropy of the types
    /// inside nuclei.
    /// </summary>
    /// <param name="output">The network's answers.</param>
    /// <param name="input">What it was asked.</param>
    public Tensor Loss(NetworkAnswer output, Tensor input)
    {
        Tensor probability, hv;
        Tensor? types;
        using (no_grad())
        {
            var answer = _start.Answer(input, training: false);
            probability = answer.Maps.slice(1, 0, 1, 1).sigmoid();
            hv = answer.Maps.slice(1, 1, 3, 1);
            types = answer.Types is null || !_settings.Types ? null : F.softmax(answer.Types, 1) * F.avg_pool2d(probability, _start.Architecture.TypeStride);
        }

        // Kept until the step is done: see Losses.
        using Scalar one = 1, two = 2, weight = _settings.Weight;
        var crossEntropy = F.binary_cross_entropy_with_logits(output.Maps.slice(1, 0, 1, 1), probability);
        var error = (output.Maps.slice(1, 1, 3, 1).Minus(hv).Squared() * probability).sum() / probability.sum().mul(two).Plus(one);
        var loss = crossEntropy.Plus(error.mul(two));
        return (types is null ? loss : loss.Plus(TypeTargets.Loss(output.Types!, types))).mul(weight);
    }

    public void Dispose()
    {
        _crops?.Dispose();
        _start.Dispose();
    }
}
