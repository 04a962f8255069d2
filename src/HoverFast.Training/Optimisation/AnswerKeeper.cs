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
    private readonly CropSampler? _sampler;
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
        if (_settings.Batch == 0)
        {
            return;
        }

        var sets = _settings.Sets.Select(s => DataSet.Load(s, baseFolder)).ToList();
        _sampler = new CropSampler(sets, _settings.Augmentation, ~run.Seed, run.CropSize, run.Network.OutputStride, new Mpp(run.WorkingMpp), gapWeight: 0);
    }

    /// <summary>The crops of the next step.</summary>
    /// <param name="step">Steps done before the first call; later calls follow on it.</param>
    public Crop[] Next(long step) => _sampler is null ? [] : (_crops ??= new CropQueue(_sampler, step, _settings.Batch, _steps)).Next();

    /// <summary>
    /// How far the network's answers lie from its start's: cross-entropy of the probabilities, squared error of the HV maps and cross-entropy of the types
    /// inside nuclei.
    /// </summary>
    /// <param name="output">The network's answers: to the batch, then to the kept crops.</param>
    /// <param name="input">What it was asked.</param>
    /// <param name="batch">Crops of the batch.</param>
    /// <returns>Null where nothing is kept.</returns>
    public Tensor? Loss(NetworkAnswer output, Tensor input, int batch)
    {
        var free = _settings.OfBatch ? 0 : batch;
        var typesFree = _settings.TypesOfBatch ? 0 : free;
        var first = Math.Min(free, typesFree);
        NetworkAnswer start;
        using (no_grad())
        {
            start = _start.Answer(input.slice(0, first, input.shape[0], 1), training: false);
        }

        // Kept until the step is done: see Losses.
        using Scalar weight = _settings.Weight, typeWeight = _settings.TypeWeight ?? _settings.Weight;
        var outlines = _settings.Weight == 0 ? null : LossOfOutlines(output.From(free).Maps, start.From(free - first).Maps).mul(weight);
        var types = start.Types is null || !_settings.Types
            ? null
            : LossOfTypes(output.From(typesFree), start.From(typesFree - first)).mul(typeWeight);
        return outlines is null || types is null ? outlines ?? types : outlines.Plus(types);
    }

    private static Tensor LossOfOutlines(Tensor output, Tensor start)
    {
        Tensor probability, hv;
        using (no_grad())
        {
            (probability, hv) = (start.slice(1, 0, 1, 1).sigmoid(), start.slice(1, 1, 3, 1));
        }

        using Scalar one = 1, two = 2;
        var crossEntropy = F.binary_cross_entropy_with_logits(output.slice(1, 0, 1, 1), probability);
        var error = (output.slice(1, 1, 3, 1).Minus(hv).Squared() * probability).sum() / probability.sum().mul(two).Plus(one);
        return crossEntropy.Plus(error.mul(two));
    }

    private Tensor LossOfTypes(NetworkAnswer output, NetworkAnswer start)
    {
        Tensor types;
        using (no_grad())
        {
            types = F.softmax(start.Types!, 1) * F.avg_pool2d(start.Maps.slice(1, 0, 1, 1).sigmoid(), _start.Architecture.TypeStride);
        }

        return TypeTargets.Loss(output.Types!, types);
    }

    public void Dispose()
    {
        _crops?.Dispose();
        _start.Dispose();
    }
}
