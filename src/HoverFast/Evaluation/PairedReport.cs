namespace HoverFast.Evaluation;

/// <summary>Two models on the same images. Differences are taken image by image, so that easy and hard images don't blur them.</summary>
/// <param name="Name">Name of the set.</param>
/// <param name="Images">Its images.</param>
public sealed record PairedReport(string Name, IReadOnlyList<PairedScore> Images)
{
    /// <summary>Scores of the first model.</summary>
    public EvaluationReport First { get; } = new(Images.Select(i => (i.Name, i.First)));

    /// <summary>Scores of the second model.</summary>
    public EvaluationReport Second { get; } = new(Images.Select(i => (i.Name, i.Second)));

    /// <summary>Mean gain of panoptic quality over the images, with its interval.</summary>
    public BootstrapInterval Gain => Difference(s => s.PanopticQuality);

    /// <summary>Mean over the images of a figure of the second model less that of the first, with the bootstrap interval of that mean.</summary>
    /// <param name="figure">The figure.</param>
    public BootstrapInterval Difference(Func<SegmentationScore, double> figure) => BootstrapInterval.Of(Images.Select(i => figure(i.Second) - figure(i.First)));

    /// <summary>
    /// Gain of panoptic quality over all nuclei of the images together, with the bootstrap interval over images: steadier than <see cref="Gain"/> where images hold few nuclei.
    /// </summary>
    public BootstrapInterval PooledGain => BootstrapInterval.Of(Images, drawn =>
        drawn.Select(i => i.Second).Aggregate((a, b) => a + b).PanopticQuality - drawn.Select(i => i.First).Aggregate((a, b) => a + b).PanopticQuality);

    /// <summary>Pairs the scores of two models.</summary>
    /// <param name="name">Name of the set.</param>
    /// <param name="first">Scores of the first.</param>
    /// <param name="second">Scores of the second, on the same images in the same order.</param>
    /// <exception cref="ArgumentException">The images differ.</exception>
    public static PairedReport Of(string name, EvaluationReport first, EvaluationReport second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return first.Images.Select(i => i.Name).SequenceEqual(second.Images.Select(i => i.Name))
            ? new PairedReport(name, [.. first.Images.Zip(second.Images, (a, b) => new PairedScore(a.Name, a.Score, b.Score))])
            : throw new ArgumentException("The two reports are about different images.", nameof(second));
    }
}
