namespace HoverFast.Training.Adaptation;

/// <summary>How a model is adapted. The defaults were chosen by the measurements in docs/adapting.md.</summary>
internal sealed record AdaptationSettings
{
    /// <summary>
    /// Shares of the way from the start to the trained weights that are tried (Wortsman et al., Robust fine-tuning of zero-shot models, CVPR 2022).
    /// </summary>
    public static IReadOnlyList<double> Shares { get; } = [0.25, 0.5, 0.75, 1];

    /// <summary>Optimiser steps of each run.</summary>
    public int Steps { get; init; } = 300;

    /// <summary>Highest learning rate.</summary>
    public double LearningRate { get; init; } = 5e-4;

    /// <summary>Crops of the user's tiles a step.</summary>
    public int Batch { get; init; } = 4;

    /// <summary>
    /// Whether the adapted weights shall segment all slides, and are held to the start's answers for it, even where the model could know its own tissue and
    /// carry the start for other.
    /// </summary>
    public bool ForAllSlides { get; init; }

    /// <summary>Crops of known tissue a step.</summary>
    public int KeptBatch { get; init; } = 12;

    /// <summary>
    /// How much a change of the answers on known tissue counts; 0 lets the model forget. Null for what suits: <see cref="KeepAlways"/>, or 0 where the start
    /// segments other tissue.
    /// </summary>
    public double? Keep { get; init; }

    private const double KeepAlways = 4;

    /// <summary>The settings with all that depends on it.</summary>
    /// <param name="knowsTissue">Whether the model will know its own tissue.</param>
    public AdaptationSettings Settled(bool knowsTissue)
    {
        var keep = Keep ?? (knowsTissue ? 0 : KeepAlways);
        return this with { Keep = keep, KeptBatch = keep == 0 ? 0 : KeptBatch };
    }

    /// <summary>Runs by which the model is judged, each of which holds out another part of the tiles; null for what suits (<see cref="RunsFor"/>).</summary>
    public int? Runs { get; init; }

    /// <summary>
    /// Runs for a number of tiles. With few of them a run that lacks a third tells too little of one that has all: each then lacks one or two.
    /// </summary>
    public int RunsFor(int tiles) => Runs ?? (tiles < Few ? 6 : 3);

    private const int Few = 10;

    /// <summary>Most PQ that a set of known tissue may lose.</summary>
    public double MostLoss { get; init; } = 0.01;

    /// <summary>Seed of crops and augmentation.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Threads.</summary>
    public int Threads { get; init; } = 1;
}
