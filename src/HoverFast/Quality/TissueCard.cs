namespace HoverFast.Quality;

/// <summary>
/// What tells the tissue that a model was adapted to from other tissue, by figures of places: <see cref="TissueRecogniser"/> goes by it. It travels in the
/// model's file.
/// </summary>
internal sealed record TissueCard
{
    /// <summary>The figures, each with its scale.</summary>
    public required IReadOnlyList<ScaledFigure> Inputs { get; init; }

    /// <summary>Standard deviations at which a scaled figure is cut off before it is weighed.</summary>
    public required double CutOff { get; init; }

    /// <summary>What each scaled figure speaks for the own tissue (logit), where it is above 0.</summary>
    public required IReadOnlyList<double> Weights { get; init; }

    /// <summary>What speaks for the own tissue where all scaled figures are 0.</summary>
    public required double Constant { get; init; }

    /// <summary>Means of the own tissue's scaled figures.</summary>
    public required IReadOnlyList<double> Own { get; init; }

    /// <summary>Inverse of the covariance that scaled figures have within a tissue, row by row.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Precision { get; init; }

    /// <summary>The squared Mahalanobis distance from <see cref="Own"/> beyond which a place is none of the own tissue, whatever speaks for it.</summary>
    public required double Limit { get; init; }

    /// <summary>The same, with more that must speak for the own tissue.</summary>
    /// <param name="bar">How much more (logit).</param>
    public TissueCard Stricter(double bar) => this with { Constant = Constant - bar };
}
