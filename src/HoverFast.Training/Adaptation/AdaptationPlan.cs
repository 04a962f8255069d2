using HoverFast.Jobs;
using HoverFast.Training.Data;

namespace HoverFast.Training.Adaptation;

/// <summary>What is adapted to, and what must not be forgotten meanwhile.</summary>
internal sealed record AdaptationPlan
{
    /// <summary>The user's labelled tiles.</summary>
    public required DataSetConfiguration Tiles { get; init; }

    /// <summary>Names of the tiles.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>How much the tiles of earlier adaptations count among known tissue, against the crops that come with the program.</summary>
    private const double EarlierTiles = 0.5;

    /// <summary>Crops of tissue that the start knows.</summary>
    public IReadOnlyList<RehearsalSet> Rehearsal { get; init; } = [];

    /// <summary>
    /// The tiles of earlier adaptations that are learned again: those of the same tissue, where the model takes the place of the one that learned them.
    /// </summary>
    public IReadOnlyList<DataSetConfiguration> LearnedAgain => Weighed(s => s.IsOwn, EarlierTiles);

    /// <summary>Further labelled sets on which the model must not get worse.</summary>
    public IReadOnlyList<DataSetConfiguration> AlsoCheck { get; init; } = [];

    /// <summary>Pictures without labels of the same tissue.</summary>
    public IReadOnlyList<SlideInput> Unlabelled { get; init; } = [];

    /// <summary>How.</summary>
    public AdaptationSettings Settings { get; init; } = new();

    /// <summary>The sets on which the start's answers are kept, each weighed by its crops.</summary>
    public IReadOnlyList<DataSetConfiguration> Kept => [.. Weighed(s => !s.IsUsers, 1), .. Weighed(s => s.IsUsers, EarlierTiles)];

    private IReadOnlyList<DataSetConfiguration> Weighed(Func<RehearsalSet, bool> which, double weight)
    {
        var sets = Rehearsal.Where(s => which(s) && s.Learned.Count > 0).ToList();
        var crops = (double)sets.Sum(s => s.Learned.Count);
        return [.. sets.Select(s => s.ToLearn(weight * s.Learned.Count / crops))];
    }
}
