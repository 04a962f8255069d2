using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using HoverFast.Cli.Screens;
using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Training.Data;
using HoverFast.Training.Networks;
using HoverFast.Training.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace HoverFast.Training.Optimisation;

/// <summary>
/// The training loop. It leaves in its folder: <c>last.safetensors</c> (everything to go on from), <c>best.safetensors</c> (averaged weights of
/// the best validation), <c>metrics.csv</c> and <c>metrics.png</c>. A killed run goes on where its last checkpoint stands.
/// </summary>
internal sealed class Trainer : IDisposable
{
    /// <summary>The file that holds the best weights.</summary>
    public const string BestFile = "best.safetensors";

    private const string LastFile = "last.safetensors";
    private const int NormCrops = 128;

    /// <summary>Steps of a call after which it first says how fast it is: one tells of the first use of everything.</summary>
    private const int FirstWord = 2;

    private static readonly TimeSpan _wordEvery = TimeSpan.FromSeconds(10);
    private readonly TrainingConfiguration _configuration;
    private readonly string _folder;
    private readonly string _data;
    private readonly TextWriter _log;
    private readonly Action<long>? _afterStep;
    private readonly torch.Device _device;
    private readonly UNet _network;
    private readonly UNet _average;
    private readonly WeightedAdam _optimiser;
    private readonly Validation _validation;
    private readonly CropSampler _sampler;
    private readonly AnswerKeeper? _keeper;
    private readonly TypeTargets? _types;
    private readonly FeatureCache? _features;
    private readonly MetricsLog _metrics;
    private readonly double[] _sum = new double[MetricsLog.Losses.Count];
    private readonly Stopwatch _sinceWord = Stopwatch.StartNew();
    private long _sumFrom;
    private long _step;
    private long _bestStep;
    private double _best = double.NegativeInfinity;

    public Trainer(
        TrainingConfiguration configuration,
        string baseFolder,
        string folder,
        TextWriter log,
        IReadOnlyDictionary<string, Tensor>? start = null,
        Action<long>? afterStep = null)
    {
        ConfigurationRules.Check(configuration, baseFolder, configuration.Name);
        Directory.CreateDirectory(folder);
        _configuration = configuration;
        _folder = folder;
        _data = DataOfRun.Text(DataOfRun.Of(configuration, baseFolder, basis: null));
        _log = log;
        _afterStep = afterStep;
        _device = DeviceOf(configuration.Device);
        using var scope = NewDisposeScope();
        _network = new UNet(configuration.Network, configuration.Seed, configuration.Bfloat16, _device)
        {
            TypesShapeTrunk = configuration.Keep?.TypesShapeTrunk ?? true,
        };
        _average = new UNet(configuration.Network, configuration.Seed, bfloat16: false, _device);
        if (configuration.LearnsTypesAlone)
        {
            _network.FreezeTrunk();
        }

        _optimiser = new WeightedAdam(_network.Parameters, configuration.WeightDecay);
        var workingMpp = new Mpp(configuration.WorkingMpp);
        var train = configuration.Train.Select(s => Load(s, "learned from")).ToList();
        var validate = configuration.Validate.Select(s => Load(s, "judged by")).ToList();
        if (configuration.LearnsTypesAlone && (LacksTypes(train) || (validate.Count > 0 && LacksTypes(validate))))
        {
            throw new TrainingException(
                configuration.Name,
                $"learn \"types\": no nucleus of the sets in {(LacksTypes(train) ? "train" : "validate")} has a type (FOLDER/types/NAME.csv).");
        }

        _validation = new Validation(
            validate,
            workingMpp,
            configuration.LearnedTypes,
            configuration.TypeShare);
        _sampler = new CropSampler(
            train,
            configuration.Augmentation,
            configuration.Seed,
            configuration.CropSize,
            configuration.Network.OutputStride,
            workingMpp,
            configuration.Loss.Gap,
            configuration.Soft,
            configuration.LearnedTypes is not null);
        _types =
            configuration.LearnedTypes is null || LacksTypes(train)
                ? null
                : new TypeTargets(configuration.Network, train, configuration.Loss.TypeBalance);
        _features = configuration.LearnsTypesAlone ? new FeatureCache(_network, _sampler, _types!, configuration.FeatureCrops) : null;
        _metrics = new MetricsLog(Path.Combine(folder, "metrics.csv"));
        if (configuration.Keep is not null)
        {
            var kept = start
                ?? StartingWeights.Of(configuration, baseFolder)
                ?? throw new TrainingException(configuration.Name, "keep: needs a start whose answers are kept, for example startFrom.");
            if (configuration.Keep.Types && configuration.Network.Types is not null && !TellsTypes(kept))
            {
                throw new TrainingException(configuration.Name, "keep.types: the start knows no types that could be kept, has another branch for them, or newTypes is set; set it to false.");
            }

            _keeper = new AnswerKeeper(configuration, baseFolder, WithTypes(kept), _device);
        }

        if (!Resume())
        {
            _metrics.Clear();
            Start(baseFolder, start);
        }

        static bool LacksTypes(IEnumerable<DataSet> sets) => sets.All(s => s.Images.All(i => i.Types.Count == 0));

        DataSet Load(DataSetConfiguration set, string use)
        {
            var data = DataSet.Load(set, baseFolder, configuration.LearnedTypes);
            log.WriteLine($"{set.Name}: {data.Images.Count} images, {use}");
            return data;
        }
    }

    /// <summary>The merit of the best weights so far: the mean PQ over the validation sets (the loss, below zero, where there are none).</summary>
    public double Best => _best;

    /// <summary>Whether a folder holds a run that can be gone on with.</summary>
    public static bool IsBegun(string folder) => File.Exists(Path.Combine(folder, LastFile));

    /// <summary>Trains to the end.</summary>
    /// <param name="cancellation">Ends the run after the current step, of which a checkpoint is kept.</param>
    public void Run(CancellationToken cancellation)
    {
        using var crops = _features is null ? new CropQueue(_sampler, _step, _configuration.Batch, _configuration.Steps) : null;
        var clock = Stopwatch.StartNew();
        var (begun, clockFrom) = (_step, _step);
        while (_step < _configuration.Steps && !IsStale)
        {
            if (cancellation.IsCancellationRequested)
            {
                Save();
                _log.WriteLine($"step {_step}: kept in {_folder}");
                throw new OperationCanceledException(cancellation);
            }

            var losses = Step(crops?.Next());
            _afterStep?.Invoke(_step);
            for (var i = 0; i < _sum.Length; i++)
            {
                _sum[i] += losses[i];
            }

            var rate = (_step - clockFrom) * _configuration.Batch / clock.Elapsed.TotalSeconds;
            if (_step % _configuration.ValidateEvery != 0 && _step != _configuration.Steps)
            {
                Tell(rate, isDue: _step == begun + FirstWord);
                continue;
            }

            var count = _step - _sumFrom;
            var means = Array.ConvertAll(_sum, s => s / count);
            _sumFrom = _step;
            Array.Clear(_sum);
            Report(means, rate);
            clockFrom = _step;
            clock.Restart();
        }
    }

    public void Dispose()
    {
        _features?.Dispose();
        _keeper?.Dispose();
        _network.Dispose();
        _average.Dispose();
        _optimiser.Dispose();
    }

    private static torch.Device DeviceOf(string name)
    {
        var device = torch.device(name);
        return device.type != DeviceType.CUDA || torch.cuda.is_available()
            ? device
            : throw new TrainingException(
                $"device {name}: the libtorch in use has no CUDA, or finds no GPU. Take \"cpu\", or build with a CUDA package of libtorch (docs/training.md).");
    }

    // A line at once and now and then between validations, so that nobody wonders whether it still runs.
    private void Tell(double cropsPerSecond, bool isDue)
    {
        if (isDue || _sinceWord.Elapsed >= _wordEvery)
        {
            var count = _step - _sumFrom;
            _log.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {_step}/{_configuration.Steps}  loss {_sum[0] / count:0.000}  {cropsPerSecond:0.0} crops/s  {TimeLeft.Text(Left(cropsPerSecond))} left"));
            _log.Flush();
            _sinceWord.Restart();
        }
    }

    private TimeSpan Left(double cropsPerSecond) => TimeSpan.FromSeconds((_configuration.Steps - _step) * _configuration.Batch / cropsPerSecond);

    private bool IsStale => _configuration.Patience > 0 && _step - _bestStep >= (long)_configuration.Patience * _configuration.ValidateEvery;

    private double[] Step(Crop[]? batch)
    {
        using var scope = NewDisposeScope();
        double[] values;
        double norm;
        try
        {
            (var total, values) = batch is null ? LossOfTypes() : LossOfAll(batch);
            total.backward();
            _step++;
            norm = _optimiser.Step(_step, LearningRate(), _configuration.Clip);
        }
        catch (ExternalException e)
        {
            throw new TrainingException(
                _configuration.Name,
                $"libtorch ended the run at step {_step + 1}: {LibTorch.FirstLine(e)} {GoingOn} If it ends there again, lower batch or cropSize.",
                e);
        }

        if (!double.IsFinite(values[0]) || !double.IsFinite(norm))
        {
            throw new TrainingException(
                _configuration.Name,
                $"the loss or its gradient is not a number at step {_step}. Lower learningRate (here {_configuration.LearningRate:R}), or set bfloat16 to false. {GoingOn}");
        }

        Average();
        return values;
    }

    // What is left of a run that ended before its time.
    private string GoingOn => IsBegun(_folder) ? $"The last checkpoint in {_folder} is sound: the same command goes on from it." : "No checkpoint is kept yet.";

    private (Tensor Total, double[] Terms) LossOfTypes()
    {
        var (deep, side, target) = _features!.Take(_step * _configuration.Batch, _configuration.Batch);
        var loss = TypeTargets.Loss(_network.AnswerTypes(deep, side, training: !_configuration.FreezeNorm), target);
        double value = loss.Number();
        return (loss, [value, 0, 0, 0, 0, value]);
    }

    private (Tensor Total, double[] Terms) LossOfAll(Crop[] batch)
    {
        using var input = Batches.Input([.. batch, .. _keeper?.Next(_step) ?? []], _configuration.Network, _device);
        using var target = Batches.Target(batch, _device);
        var answer = _network.Answer(input, training: !_configuration.FreezeNorm);
        var output = answer.Maps;
        var loss = Losses.Of(output.slice(0, 0, batch.Length, 1), target, _configuration.Loss);
        var total = loss.Total;
        var types = _types is null ? null : TypeTargets.Loss(answer.Types!.slice(0, 0, batch.Length, 1), _types.Of(batch, _device));
        if (types is not null)
        {
            using Scalar weight = _configuration.Loss.Types;
            total = total.Plus(types.mul(weight));
        }

        var terms = new[] { total, loss.CrossEntropy, loss.Dice, loss.Hv, loss.Gradient }
            .Select(t => (double)t.Number())
            .Append(types?.Number() ?? 0)
            .ToArray();
        return (_keeper?.Loss(answer, input, batch.Length) is { } kept ? total.Plus(kept) : total, terms);
    }

    private double LearningRate()
    {
        if (_step <= _configuration.WarmUp)
        {
            return _configuration.LearningRate * _step / _configuration.WarmUp;
        }

        var done = (_step - _configuration.WarmUp) / (double)Math.Max(1, _configuration.Steps - _configuration.WarmUp);
        return _configuration.LearningRate * 0.5 * (1 + Math.Cos(Math.PI * done));
    }

    // Early averages forget fast, so that the random start is gone soon.
    private void Average()
    {
        using var noGrad = no_grad();
        var keep = Math.Min(_configuration.AverageDecay, (1.0 + _step) / (10.0 + _step));
        using Scalar decay = keep, rest = 1 - keep;
        Blend(_network.Parameters, _average.Parameters);
        Blend(_network.Statistics, _average.Statistics);

        void Blend(IReadOnlyDictionary<string, Tensor> from, IReadOnlyDictionary<string, Tensor> to)
        {
            foreach (var (name, tensor) in to)
            {
                tensor.mul_(decay).add_(from[name], alpha: rest);
            }
        }
    }

    private void Report(double[] losses, double cropsPerSecond)
    {
        using var scope = NewDisposeScope();
        var scores = _validation.Score(_average);
        var merit = scores.Count == 0 ? -losses[0] : scores.Average(s => _configuration.LearnsTypesAlone ? s.Types?.MeanOfTypes ?? 0 : s.Pq);
        _metrics.Add(_step, losses, scores);
        MetricsPlot.Draw(_metrics.Path, Path.ChangeExtension(_metrics.Path, ".png"));
        if (merit > _best)
        {
            _best = merit;
            _bestStep = _step;
            TensorFile.Write(Path.Combine(_folder, BestFile), All(_average.Parameters, _average.Statistics), Metadata());
        }

        Save();
        _sinceWord.Restart();
        _log.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"step {_step}/{_configuration.Steps}  loss {losses[0]:0.000} (ce {losses[1]:0.000} dice {losses[2]:0.000} hv {losses[3]:0.0000} grad {losses[4]:0.0000} types {losses[5]:0.000})  {string.Join("  ", scores)}  {cropsPerSecond:0.0} crops/s  {TimeLeft.Text(Left(cropsPerSecond))} left"));
        _log.Flush();
    }

    private void Save()
    {
        using var scope = NewDisposeScope();
        var tensors = All(_network.Parameters, _network.Statistics, _optimiser.State, TrainedWeights.Marked(_average.Parameters.Concat(_average.Statistics)));
        TensorFile.Write(Path.Combine(_folder, LastFile), tensors, Metadata());
    }

    private void Start(string baseFolder, IReadOnlyDictionary<string, Tensor>? start)
    {
        if ((start ?? StartingWeights.Of(_configuration, baseFolder)) is not { } weights)
        {
            return;
        }

        _network.Load(WithTypes(weights), partly: _configuration.EncoderFrom is not null);
        if (_configuration.StartModel is not null && !_configuration.FreezeNorm && !_configuration.LearnsTypesAlone)
        {
            _network.Renormalise(Batches.Input([.. Enumerable.Range(0, NormCrops).Select(n => _sampler.Draw(n))], _configuration.Network, _device));
        }

        _average.Load(All(_network.Parameters, _network.Statistics));
    }

    // A start that knows no types, or has a branch of another shape for them, gets one at random; so does any where the run asks for it.
    private IReadOnlyDictionary<string, Tensor> WithTypes(IReadOnlyDictionary<string, Tensor> weights) => TellsTypes(weights)
        ? weights
        : All(weights.Where(t => !StudentArchitecture.IsOfTypes(t.Key)).ToDictionary(t => t.Key, t => t.Value), TypesOf(_network));

    private bool TellsTypes(IReadOnlyDictionary<string, Tensor> weights) =>
        !_configuration.NewTypes
        && TypesOf(_network).All(t => weights.TryGetValue(t.Key, out var start) && start.shape.SequenceEqual(t.Value.shape));

    private static Dictionary<string, Tensor> TypesOf(UNet network) =>
        network.Parameters.Concat(network.Statistics).Where(t => StudentArchitecture.IsOfTypes(t.Key)).ToDictionary(t => t.Key, t => t.Value);

    private bool Resume()
    {
        var path = Path.Combine(_folder, LastFile);
        if (!File.Exists(path))
        {
            return false;
        }

        var (tensors, metadata) = TensorFile.Read(path);
        if (metadata.GetValueOrDefault("configuration") is not { } begun || !_configuration.GoesOnFrom(begun))
        {
            throw new TrainingException(path, "belongs to another configuration. Give another folder, or delete that one.");
        }

        _network.Load(tensors);
        _optimiser.Load(tensors);
        _average.Load(TrainedWeights.AverageIn(tensors));
        _step = long.Parse(metadata["step"], CultureInfo.InvariantCulture);
        _best = double.Parse(metadata["best"], CultureInfo.InvariantCulture);
        _bestStep = long.Parse(metadata["bestStep"], CultureInfo.InvariantCulture);
        _sumFrom = _step;
        if (metadata.TryGetValue("losses", out var losses))
        {
            _sumFrom = long.Parse(metadata["lossesFrom"], CultureInfo.InvariantCulture);
            losses.Split(' ').Select(l => double.Parse(l, CultureInfo.InvariantCulture)).ToArray().CopyTo(_sum, 0);
        }

        _metrics.CutAfter(_step);
        _log.WriteLine($"going on from step {_step}");
        return true;
    }

    private Dictionary<string, string> Metadata()
    {
        var metadata = new Dictionary<string, string>
        {
            ["step"] = _step.ToString(CultureInfo.InvariantCulture),
            ["bestStep"] = _bestStep.ToString(CultureInfo.InvariantCulture),
            ["best"] = _best.ToString("R", CultureInfo.InvariantCulture),
            ["configuration"] = _configuration.ToJson(),
            [DataOfRun.Key] = _data,
        };
        if (_step != _sumFrom)
        {
            // Stopped between two validations: the losses of the steps since the last one.
            metadata["lossesFrom"] = _sumFrom.ToString(CultureInfo.InvariantCulture);
            metadata["losses"] = string.Join(' ', _sum.Select(l => l.ToString("R", CultureInfo.InvariantCulture)));
        }

        return metadata;
    }

    private static Dictionary<string, Tensor> All(params IReadOnlyDictionary<string, Tensor>[] parts) =>
        parts.SelectMany(p => p).ToDictionary(p => p.Key, p => p.Value);
}
