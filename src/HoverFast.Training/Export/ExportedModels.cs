using HoverFast.Model;
using HoverFast.Model.Onnx;
using HoverFast.Model.Quantization;
using HoverFast.Slides;
using HoverFast.Training.Data;
using HoverFast.Training.Optimisation;
using static TorchSharp.torch;

namespace HoverFast.Training.Export;

/// <summary>Where trained weights become models: the float32 graph, and the same in 8-bit integers if wanted.</summary>
internal sealed record ExportedModels(string Float32Path, string? IntegerPath)
{
    /// <summary>What the model of a precision carries to segment other tissue with; null where it segments all.</summary>
    public Func<string, StartInside>? Inside { get; init; }

    /// <summary>Writes the models, each scored on the run's validation sets.</summary>
    /// <param name="run">The run that made the weights.</param>
    /// <param name="baseFolder">Folder from which its data sets are looked up.</param>
    /// <param name="weights">Parameters and statistics.</param>
    /// <param name="basis">Card of the model that the run began with, or null for the one that the run names, if any.</param>
    /// <param name="before">Scores of that model on the validation sets; null to measure them where the run names such a model.</param>
    /// <returns>Their cards.</returns>
    public IReadOnlyList<ModelCard> Write(
        TrainingConfiguration run,
        string baseFolder,
        IReadOnlyDictionary<string, Tensor> weights,
        ModelCard? basis,
        IReadOnlyList<ModelCard.Score>? before = null)
    {
        var sets = run.Validate.Select(s => DataSet.Load(s, baseFolder)).ToList();
        before ??= Before(run, baseFolder, Score);
        var graph = StudentExporter.Graph(weights, run.Network, run.Name);
        var cards = new List<ModelCard> { StudentExporter.Write(graph, "float32", run, baseFolder, Float32Path, Score, basis, before, Inside?.Invoke("float32")) };
        if (IntegerPath is not null)
        {
            cards.Add(
                StudentExporter.Write(
                    StudentQuantizer.Quantize(graph, CalibrationTiles(run, baseFolder)),
                    "int8",
                    run,
                    baseFolder,
                    IntegerPath,
                    Score,
                    basis,
                    before,
                    Inside?.Invoke("int8")));
        }

        return cards;

        IReadOnlyList<ModelCard.Score> Score(NucleusModel model) =>
            [
                .. new Validation(sets, new Mpp(model.Card.Mpp))
                    .Score(model)
                    .Select((s, i) => new ModelCard.Score(s.Set, sets[i].Images.Count, Math.Round(s.Pq, 4), Math.Round(s.Aji, 4), Math.Round(s.Dice, 4))),
            ];
    }

    /// <summary>Writes a run's branch of nucleus types onto the models that it began with, whose outlines stay.</summary>
    /// <param name="run">The run.</param>
    /// <param name="baseFolder">Folder from which its data sets are looked up.</param>
    /// <param name="weights">Parameters and statistics.</param>
    /// <param name="integerStart">The 8-bit twin of the model that it began with; null where no 8-bit model is wanted.</param>
    /// <param name="fit">See <see cref="TypeJudge"/>.</param>
    /// <returns>Their cards.</returns>
    /// <exception cref="TrainingException">The twin is none.</exception>
    public IReadOnlyList<ModelCard> WriteTyped(
        TrainingConfiguration run,
        string baseFolder,
        IReadOnlyDictionary<string, Tensor> weights,
        string? integerStart,
        Func<NucleusModel, IReadOnlyList<DataSet>, TypeContext?> fit)
    {
        var judge = new TypeJudge(run, baseFolder, fit);
        var start = StartingModel.Load(StartingModel.Place(run.StartFrom!, baseFolder));
        var graph = StudentExporter.TypedGraph(weights, run.Network, start);
        var cards = new List<ModelCard> { judge.Complete(StudentExporter.WriteTyped(graph, start.Card, run, baseFolder, Float32Path), Float32Path) };
        if (IntegerPath is not null && integerStart is not null)
        {
            var twin = StartingModel.Load(integerStart);
            try
            {
                var integer = BranchQuantizer.Add(OnnxGraph.Parse(twin.Graph, twin.Name), graph, CalibrationTiles(run, baseFolder));
                cards.Add(judge.Complete(StudentExporter.WriteTyped(integer, twin.Card, run, baseFolder, IntegerPath), IntegerPath));
            }
            catch (ArgumentException e)
            {
                throw new TrainingException(integerStart, e.Message, e);
            }
        }

        return cards;
    }

    private static IReadOnlyList<ModelCard.Score>? Before(
        TrainingConfiguration run,
        string baseFolder,
        Func<NucleusModel, IReadOnlyList<ModelCard.Score>> score)
    {
        if (run.StartModel is not { } start || run.Validate.Count == 0)
        {
            return null;
        }

        using var model = ModelCatalog.Load(StartingModel.Place(start, baseFolder));
        return score(model);
    }

    // Crops as in training, but in their own colours and scale: what the network will meet.
    private static List<RgbImage> CalibrationTiles(TrainingConfiguration run, string baseFolder)
    {
        const int tiles = 48;
        var sets = run.Train.Select(s => DataSet.Load(s, baseFolder)).ToList();
        var plain = new Augmentation { MinScale = 0.9, MaxScale = 1.1, PlainShare = 1 };
        var sampler = new CropSampler(sets, plain, run.Seed, run.CropSize, run.Network.OutputStride, new Mpp(run.WorkingMpp), gapWeight: 0);
        return [.. Enumerable.Range(0, tiles).Select(n =>
        {
            var crop = sampler.Draw(n);
            return new RgbImage(crop.Size, crop.Size, Array.ConvertAll(crop.Rgb, v => (byte)MathF.Round(v * 255)));
        })];
    }
}
