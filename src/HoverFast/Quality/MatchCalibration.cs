using HoverFast.Model;

namespace HoverFast.Quality;

/// <summary>
/// Says how likely a person's outline matches a nucleus (IoU above 0.5): logistic regression on <see cref="NucleusEvidence"/>, fitted to pictures that the
/// students never saw, as they are and made worse. The numbers come with the library; <c>hoverfast-train trust</c> makes them again. Thread safe.
/// </summary>
internal sealed class MatchCalibration
{
    private static readonly Lazy<MatchCard> _builtIn = new(() => QualityJson.ReadResource(MatchCard.FileName, QualityJson.Relaxed.MatchCard));

    private readonly int[] _places;
    private readonly double[] _means;
    private readonly double[] _scales;
    private readonly double[] _weights;
    private readonly double _limit;
    private readonly double _constant;

    /// <summary>Prepares the calibration of a model.</summary>
    /// <param name="card">The numbers.</param>
    /// <param name="model">The model's name; one that was not fitted counts as the default student.</param>
    /// <exception cref="InvalidDataException">The card names evidence that there is none of.</exception>
    public MatchCalibration(MatchCard card, string model)
    {
        _places = [.. card.Inputs.Select(i => PlaceOf(i.Name))];
        _means = [.. card.Inputs.Select(i => i.Mean)];
        _scales = [.. card.Inputs.Select(i => 1 / i.Deviation)];
        _weights = [.. card.Inputs.Select(i => i.Weight)];
        _limit = card.Limit;
        _constant = card.Constant + card.Offsets.GetValueOrDefault(model);
    }

    /// <summary>The card that comes with the library.</summary>
    public static MatchCard BuiltIn => _builtIn.Value;

    /// <summary>The calibration of a model.</summary>
    public static MatchCalibration Of(ModelCard card) => new(BuiltIn, NameFor(card) ?? card.Name);

    /// <summary>Whether a model is one of those that the numbers were fitted to, in any precision.</summary>
    public static bool IsFittedTo(ModelCard card) => FittedName(card) is not null;

    /// <summary>Whether match probabilities hold for a model: one that the numbers were fitted to, or one adapted from it.</summary>
    public static bool HoldsFor(ModelCard card) => NameFor(card) is not null;

    /// <summary>The model among those that the numbers were fitted to by which a model's nuclei are judged; null where there is none.</summary>
    public static string? NameFor(ModelCard card) =>
        FittedName(card) ?? (card.Calibration is { } name && BuiltIn.Models.Contains(name, StringComparer.Ordinal) ? name : null);

    /// <summary>The match probability, 0 to 1.</summary>
    /// <param name="evidence">A row of <see cref="NucleusEvidence.Count"/> numbers.</param>
    public float Probability(ReadOnlySpan<double> evidence)
    {
        var sum = _constant;
        for (var i = 0; i < _places.Length; i++)
        {
            sum += _weights[i] * Math.Clamp((evidence[_places[i]] - _means[i]) * _scales[i], -_limit, _limit);
        }

        return (float)(1 / (1 + Math.Exp(-sum)));
    }

    // The longest: one student's name begins as the other's.
    private static string? FittedName(ModelCard card) =>
        BuiltIn.Models.Where(name => card.Name.StartsWith(name, StringComparison.Ordinal)).MaxBy(name => name.Length);

    private static int PlaceOf(string name)
    {
        for (var i = 0; i < NucleusEvidence.Count; i++)
        {
            if (NucleusEvidence.Names[i] == name)
            {
                return i;
            }
        }

        throw new InvalidDataException($"There is no evidence '{name}'.");
    }
}
