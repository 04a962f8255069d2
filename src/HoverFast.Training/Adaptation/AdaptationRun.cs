using HoverFast.Slides;
using HoverFast.Training.Data;
using HoverFast.Training.Distillation;
using HoverFast.Training.Optimisation;
using static TorchSharp.torch;

namespace HoverFast.Training.Adaptation;

/// <summary>One of the runs of an <see cref="Adapter"/>: fine-tuning from the start with some tiles held out.</summary>
/// <param name="plan">What is learned; its settings are settled (<see cref="AdaptationSettings.Settled"/>).</param>
/// <param name="start">The model to start from.</param>
/// <param name="held">Names of the tiles that it does not see.</param>
/// <param name="folder">Folder for its checkpoints.</param>
/// <param name="log">Says what is done.</param>
internal sealed class AdaptationRun(AdaptationPlan plan, StartingModel start, IReadOnlyList<string> held, string folder, TextWriter log)
{
    private const int CheckpointEvery = 25;

    /// <summary>How often the unlabelled pictures are learned from, relative to the tiles.</summary>
    private const double UnlabelledWeight = 0.5;

    private readonly AdaptationSettings _settings = plan.Settings;

    /// <summary>Trains to the end; goes on from a checkpoint where there is one.</summary>
    /// <param name="weights">The start.</param>
    /// <param name="cancellation">Ends the run at the next step.</param>
    public IReadOnlyDictionary<string, Tensor> Train(IReadOnlyDictionary<string, Tensor> weights, CancellationToken cancellation)
    {
        var end = Fit(folder, weights, [], cancellation);
        if (plan.Unlabelled.Count == 0)
        {
            return end;
        }

        // Its own answers, better than the start's, teach a second run.
        return Fit(folder + "-unlabelled", weights, [Answers(end, cancellation)], cancellation);
    }

    private IReadOnlyDictionary<string, Tensor> Fit(
        string to,
        IReadOnlyDictionary<string, Tensor> weights,
        DataSetConfiguration[] more,
        CancellationToken cancellation)
    {
        using (var trainer = new Trainer(Configuration(more), "/", to, log, weights))
        {
            trainer.Run(cancellation);
        }

        return TrainedWeights.Read(Path.Combine(to, "last.safetensors")).Weights;
    }

    /// <summary>The run.</summary>
    /// <param name="more">Further sets to learn from.</param>
    public TrainingConfiguration Configuration(DataSetConfiguration[] more)
    {
        return new TrainingConfiguration
        {
            Name = "adapted",
            Seed = _settings.Seed,
            WorkingMpp = start.Card.Mpp,
            Network = start.Card.Network!,

            // The user's tiles teach none, which may be others or be known of a part alone; the start's answers hold the branch in its place.
            Types = start.Card.Network!.Types is null ? [] : [.. start.Card.Types!.Skip(1)],
            TypeShare = start.Card.TypeShare ?? 0,
            Train = [plan.Tiles with { Only = [.. plan.Names.Except(held)], LeavesTypes = true }, .. plan.LearnedAgain, .. more],
            Keep =
                (_settings.Keep == 0 && start.Card.Network.Types is null) || plan.Rehearsal.Count == 0
                    ? null
                    : new KeepSettings
                    {
                        Sets = plan.Kept,
                        Batch = _settings.KeptBatch,
                        Weight = _settings.Keep!.Value,

                        // Nobody labelled types here: the start's are kept on all crops, as strongly as if they were learned. Outlines that may forget are
                        // not held back by them.
                        TypesOfBatch = true,
                        TypeWeight = Math.Max(1, _settings.Keep.Value),
                        TypesShapeTrunk = _settings.Keep > 0,
                    },
            Steps = _settings.Steps,
            Batch = _settings.Batch,
            LearningRate = _settings.LearningRate,
            WarmUp = 20,
            ValidateEvery = CheckpointEvery,
            AverageDecay = 0.98,
            FreezeNorm = true,
            Threads = _settings.Threads,
            Augmentation = new Augmentation
            {
                MinScale = 0.8,
                MaxScale = 1.25,
                Stain = 0.15,
                StainShift = 0.03,
                Contrast = 0.1,
                ColourCast = 0.03,
                Gamma = 0.1,
            },
        };
    }

    private DataSetConfiguration Answers(IReadOnlyDictionary<string, Tensor> weights, CancellationToken cancellation)
    {
        var path = folder + "-answers";
        using var teacher = new Teacher([CandidateModel.Model(weights, start.Card, folder + "-teacher")], views: 8);
        var settings = new TeachingSettings
        {
            TestShare = 0,
            Threads = _settings.Threads,
            Calibrator = new SlideCalibrator { Stated = new Mpp(plan.Tiles.Mpp) },
        };
        new TeachingSet(path, teacher, settings, log).LabelSlides(plan.Unlabelled, cancellation);
        return new DataSetConfiguration
        {
            Name = "unlabelled",
            Folder = Path.Combine(path, "train"),
            Mpp = teacher.Mpp.MicronsPerPixel,
            Weight = UnlabelledWeight,
            Mix = 1,
            Licence = plan.Tiles.Licence,
        };
    }
}
