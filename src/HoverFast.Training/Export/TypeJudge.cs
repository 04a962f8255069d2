using HoverFast.Model;
using HoverFast.Slides;
using HoverFast.Training.Data;
using HoverFast.Training.Optimisation;

namespace HoverFast.Training.Export;

/// <summary>Completes the cards of models that tell the types of a run: how what lies around a nucleus counts, and how well types are told.</summary>
/// <param name="run">The run.</param>
/// <param name="baseFolder">Folder from which its data sets are looked up.</param>
/// <param name="fit">Fits what lies around on the training sets.</param>
internal sealed class TypeJudge(TrainingConfiguration run, string baseFolder, Func<NucleusModel, IReadOnlyList<DataSet>, TypeContext?> fit)
{
    private readonly List<DataSet> _learned = run.Train.Select(s => DataSet.Load(s, baseFolder, run.LearnedTypes)).ToList();
    private readonly List<DataSet> _held = run.Validate.Select(s => DataSet.Load(s, baseFolder, run.LearnedTypes)).ToList();

    /// <summary>Fits and scores, and writes the card.</summary>
    /// <param name="card">The card.</param>
    /// <param name="path">The model's ONNX file.</param>
    /// <returns>The card as it is written.</returns>
    public ModelCard Complete(ModelCard card, string path)
    {
        using var model = NucleusModel.Load(path);
        var context = fit(model, _learned);
        card = card with { TypeContext = context, TypeScores = Scores(model, context) };
        card.Save(ModelCard.PathFor(path));
        return card;
    }

    private IReadOnlyList<ModelCard.TypeScore> Scores(NucleusModel model, TypeContext? context) =>
        [.. new Validation(_held, new Mpp(model.Card.Mpp), run.LearnedTypes, run.TypeShare).Score(model, context).Zip(_held)
            .Where(s => s.First.Types is not null).Select(s => ScoreOf(s.First, s.Second))];

    private static ModelCard.TypeScore ScoreOf(SetScore score, DataSet set) => new(
        score.Set,
        set.Images.Count,
        Figure(score.Types!.Detection),
        Figure(score.Types.Accuracy),
        Enumerable.Range(1, score.Types.Types.Count).Where(t => score.Types.Truth(t) > 0)
            .ToDictionary(t => score.Types.Types[t - 1], t => Figure(score.Types.OfType(t))));

    // A model that finds no true nucleus has no accuracy; JSON has no such number.
    private static double Figure(double value) => double.IsNaN(value) ? 0 : Math.Round(value, 4);
}
