using HoverFast.Training.Data;

namespace HoverFast.Training.Optimisation;

/// <summary>How much each term of the loss counts.</summary>
public sealed record LossWeights
{
    /// <summary>Binary cross-entropy of the nucleus probability.</summary>
    [Within(0, double.PositiveInfinity)]
    public double CrossEntropy { get; init; } = 1;

    /// <summary>Soft Dice of the nucleus probability.</summary>
    [Within(0, double.PositiveInfinity)]
    public double Dice { get; init; } = 1;

    /// <summary>Mean squared error of the HV maps inside nuclei.</summary>
    [Within(0, double.PositiveInfinity)]
    public double Hv { get; init; } = 2;

    /// <summary>Mean squared error of the HV maps' gradients inside nuclei.</summary>
    [Within(0, double.PositiveInfinity)]
    public double HvGradient { get; init; } = 1;

    /// <summary>Extra cross-entropy weight of pixels between nuclei that almost touch.</summary>
    [Within(0, double.PositiveInfinity)]
    public double Gap { get; init; } = 2;

    /// <summary>Cross-entropy of the nucleus types inside nuclei whose type is known.</summary>
    [Within(0, double.PositiveInfinity)]
    public double Types { get; init; } = 1;

    /// <summary>How far rare types make up for their rarity: their pixels count with (1 / share) to this power; 0 not at all, 1 wholly.</summary>
    [Within(0, 1)]
    public double TypeBalance { get; init; } = 0.5;
}
