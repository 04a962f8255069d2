using HoverFast.Training.Data;

namespace HoverFast.Training.Optimisation;

/// <summary>
/// Tissue on which a network goes on answering as its start does while it learns other tissue (Li and Hoiem, Learning without Forgetting, ECCV 2016). The start
/// is asked about the very crops that the network sees, however they are varied (Beyer et al., A good teacher is patient and consistent, CVPR 2022).
/// </summary>
public sealed record KeepSettings
{
    /// <summary>Pictures of that tissue; what their labels say is not used.</summary>
    public required IReadOnlyList<DataSetConfiguration> Sets { get; init; }

    /// <summary>Crops of it a step, beside the batch; 0 keeps answers on the batch's own crops alone.</summary>
    [Within(0, 1024)]
    public int Batch { get; init; } = 6;

    /// <summary>How much a difference from the start's answers counts, against the loss on the batch.</summary>
    [Within(0, 1000)]
    public double Weight { get; init; } = 4;

    /// <summary>Whether the batch's own crops are held to the start's answers as well, beside what their labels teach.</summary>
    public bool OfBatch { get; init; }

    /// <summary>Whether the answers about types are kept too. Without it types are learned anew, and outlines stay.</summary>
    public bool Types { get; init; } = true;

    /// <summary>Whether the answers about types are kept on the batch's own crops too, whatever their outlines learn.</summary>
    public bool TypesOfBatch { get; init; }

    /// <summary>How much a difference in types counts; null for <see cref="Weight"/>.</summary>
    [Within(0, 1000)]
    public double? TypeWeight { get; init; }

    /// <summary>Whether keeping types shapes the trunk too. Without it the trunk learns from outlines alone, and the branch of types follows it.</summary>
    public bool TypesShapeTrunk { get; init; } = true;

    /// <summary>How these crops are varied: widely, so that the network keeps more than the pictures show.</summary>
    public Augmentation Augmentation { get; init; } = new() { MinScale = 0.7, MaxScale = 1.4 };
}
