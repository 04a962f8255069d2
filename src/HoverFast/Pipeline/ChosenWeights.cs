using System.Text.Json;
using HoverFast.Model;
using HoverFast.Quality;

namespace HoverFast.Pipeline;

/// <summary>Which of the models that lie in one another segments a slide, and why.</summary>
/// <param name="Model">The model that segments; it stays the caller's.</param>
/// <param name="OwnShare">
/// Share of the places looked at that look like the tiles that the whole model was adapted to, 0 to 1; null where nothing was looked at, or nothing could be
/// said.
/// </param>
/// <param name="Places">Places looked at that have tissue and nuclei.</param>
internal sealed record ChosenWeights(NucleusModel Model, double? OwnShare, int Places)
{
    /// <summary>Chooses for a slide.</summary>
    /// <param name="session">The slide with the model.</param>
    /// <param name="cancellation">Stops the look at the slide.</param>
    /// <exception cref="ModelException">The numbers by which the model knows its tissue are damaged.</exception>
    public static ChosenWeights For(SlideSession session, CancellationToken cancellation)
    {
        var model = session.Model;
        if (model.Start is null || session.Settings.Weights == WeightChoice.Adapted)
        {
            return new ChosenWeights(model, null, 0);
        }

        if (session.Settings.Weights == WeightChoice.Start)
        {
            return new ChosenWeights(FirstOf(model), null, 0);
        }

        // The first start looks at the slide for all: each knew its tissue by that one's answers.
        var fields = TissueSample.Of(session, FirstOf(model), cancellation);
        return For(model, fields);
    }

    /// <summary>Chooses by what was seen at some places.</summary>
    /// <param name="model">The model.</param>
    /// <param name="fields">What its first start saw.</param>
    public static ChosenWeights For(NucleusModel model, IReadOnlyList<FieldSums> fields)
    {
        double? whole = null;
        var chosen = model;
        while (chosen.Start is { } start)
        {
            var share = RecogniserOf(chosen).OwnShare(fields);
            whole = chosen == model ? share : whole;
            if (share >= TissueRecogniser.Enough)
            {
                break;
            }

            chosen = start;
        }

        return new ChosenWeights(chosen, whole, fields.Count(TissueRecogniser.IsTelling));
    }

    /// <summary>The model that all of a chain were adapted from.</summary>
    public static NucleusModel FirstOf(NucleusModel model)
    {
        while (model.Start is { } start)
        {
            model = start;
        }

        return model;
    }

    private static TissueRecogniser RecogniserOf(NucleusModel model)
    {
        try
        {
            return new TissueRecogniser(JsonSerializer.Deserialize(model.Tissue!, QualityJson.Relaxed.TissueCard) ?? throw new JsonException("it is empty"));
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw new ModelException(model.Path, $"the numbers by which {model.Card.Name} knows its tissue are damaged ({e.Message.TrimEnd('.')}).", e);
        }
    }
}
