namespace HoverFast.Training.Data;

/// <summary>How far crops are varied, so that a student meets the scanners, stains and organs that its data lacks.</summary>
public sealed record Augmentation
{
    /// <summary>Smallest magnification relative to the true scale.</summary>
    [Within(0.1, 10)]
    public double MinScale { get; init; } = 0.6;

    /// <summary>Largest magnification relative to the true scale.</summary>
    [Within(0.1, 10)]
    public double MaxScale { get; init; } = 1.6;

    /// <summary>Largest relative stretch of one axis against the other.</summary>
    [Within(0, 1)]
    public double Stretch { get; init; } = 0.1;

    /// <summary>Share of crops turned by any angle; the others are turned by quarters.</summary>
    [Within(0, 1)]
    public double FreeTurns { get; init; } = 0.3;

    /// <summary>Spread of the log of each stain's concentration (haematoxylin, eosin, residual).</summary>
    [Within(0, 2)]
    public double Stain { get; init; } = 0.3;

    /// <summary>Largest shift of each stain's optical density.</summary>
    [Within(0, 1)]
    public double StainShift { get; init; } = 0.06;

    /// <summary>Largest relative change of contrast, and shift of brightness in units of full scale.</summary>
    [Within(0, 1)]
    public double Contrast { get; init; } = 0.2;

    /// <summary>Largest relative change of the single colour channels.</summary>
    [Within(0, 1)]
    public double ColourCast { get; init; } = 0.06;

    /// <summary>Spread of the log of gamma.</summary>
    [Within(0, 2)]
    public double Gamma { get; init; } = 0.2;

    /// <summary>Share of crops that are blurred.</summary>
    [Within(0, 1)]
    public double BlurShare { get; init; } = 0.3;

    /// <summary>Largest sigma of the blur in working pixels.</summary>
    [Within(0.3, 10)]
    public double BlurSigma { get; init; } = 1.4;

    /// <summary>Share of crops that are sharpened, as scanners do (unsharp masking).</summary>
    [Within(0, 1)]
    public double SharpenShare { get; init; } = 0.15;

    /// <summary>Largest sigma of the sharpening in working pixels, 0.8 and more: on a grid finer than the scanner's, its halos are wider.</summary>
    [Within(0.8, 10)]
    public double SharpenSigma { get; init; } = 0.8;

    /// <summary>Share of crops that go through JPEG of quality 30 to 90.</summary>
    [Within(0, 1)]
    public double JpegShare { get; init; } = 0.15;

    /// <summary>Share of crops with sensor noise.</summary>
    [Within(0, 1)]
    public double NoiseShare { get; init; } = 0.25;

    /// <summary>Share of crops that stay as they are in colour.</summary>
    [Within(0, 1)]
    public double PlainShare { get; init; } = 0.1;
}
