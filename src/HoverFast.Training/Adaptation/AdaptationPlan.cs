using HoverFast.Training.Data;

namespace HoverFast.Training.Adaptation;

/// <summary>What is adapted to, and what must not be forgotten meanwhile.</summary>
internal sealed record AdaptationPlan
{
    /// <summary>The user's labelled tiles.</summary>
    public required DataSetConfiguration Tiles { get; init; }

    /// <summary>Names of the tiles.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Crops of tissue that the start knows.</summary>
    public IReadOnlyList<RehearsalSet> Rehearsal { get; init; } = [];

    /// <summary>Further labelled sets on which the model must not get worse.</summary>
    public IReadOnlyList<DataSetConfiguration> AlsoCheck { get; init; } = [];

    /// <summary>Pictures without labels of the same tissue.</summary>
    public IReadOnlyList<string> Unlabelled { get; init; } = [];

    /// <summary>How.</summary>
    public AdaptationSettings Settings { get; init; } = new();
}
