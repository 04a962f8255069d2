namespace HoverFast.Quality;

/// <summary>What students learned from, as figures of fields: their means and how they vary together; and from where on a slide lies outside.</summary>
internal sealed record ShiftCard
{
    /// <summary>What it is for, in words.</summary>
    public required string Description { get; init; }

    /// <summary>The data that students learned from.</summary>
    public required IReadOnlyList<string> Data { get; init; }

    /// <summary>The figures that count (<see cref="FieldFeatures"/>).</summary>
    public required IReadOnlyList<ScaledFigure> Inputs { get; init; }

    /// <summary>Inverse of the covariance of the figures in standard deviations, row by row, divided by the count of figures.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Precision { get; init; }

    /// <summary>The distance that counts as 1: at most 5 in 100 pictures of unseen organs that score well lie beyond.</summary>
    public required double Threshold { get; init; }

    /// <summary>Figures on pictures that no student saw.</summary>
    public required IReadOnlyList<ShiftHeldOut> HeldOut { get; init; }
}
