namespace HoverFast.Training.Data;

/// <summary>
/// How a teacher's soft maps enter the targets, where a data set has them (Hinton et al., Distilling the Knowledge in a Neural Network, 2015).
/// </summary>
public sealed record SoftTargetSettings
{
    /// <summary>Share of the soft maps in the targets, 0 (labels alone) to 1; a data set may say otherwise.</summary>
    [Within(0, 1)]
    public double Mix { get; init; } = 0.7;

    /// <summary>By how much the teacher's logits are divided: above 1 its probabilities are softened, below 1 sharpened.</summary>
    [Within(0, 100, Above = true)]
    public double Temperature { get; init; } = 1;

    /// <summary>
    /// Where the teacher's turned views disagree the loss counts less: its weight is their agreement (0 to 1) to this power. 0 leaves all weights at 1.
    /// </summary>
    [Within(0, 100)]
    public double Filter { get; init; } = 1;
}
