using HoverFast.Training.Data;

namespace HoverFast.Training.Trust;

/// <summary>A labelled set that quality is fitted to.</summary>
/// <param name="Name">Its folder below the data, and its name.</param>
/// <param name="Mpp">Pixel size of its pictures.</param>
/// <param name="Source">Where it comes from, with its licence.</param>
internal sealed record TrustSet(string Name, double Mpp, string Source)
{
    /// <summary>The sets that are fitted to.</summary>
    public static IReadOnlyList<TrustSet> All { get; } =
    [
        new("nuinsseg/val", 0.21, "NuInsSeg, Mahbod et al., Scientific Data 2024, doi 10.1038/s41597-024-03117-2, CC BY 4.0; organs that no student saw"),
        new("tnbc/val", 0.25, "TNBC, Naylor et al., IEEE TMI 2018, zenodo 1175282, CC BY 4.0; a patient that no student saw"),
        new("dsb2018/he", 0.25, "Data Science Bowl 2018, BBBC038, CC0; the four H&E pictures, no student saw them"),
        new("dsb2018/purple", 0.25, "Data Science Bowl 2018, BBBC038, CC0; the purple stain, no student saw it"),
        new("consep/train", 0.25, "CoNSeP, Graham et al., Medical Image Analysis 2019, Apache 2.0; students were trained on it: fitted to, never measured on"),
        new("nuinsseg/train", 0.21, "NuInsSeg, Mahbod et al., Scientific Data 2024, doi 10.1038/s41597-024-03117-2, CC BY 4.0, the other organs; students were trained on them: what they learned, for domain shift alone"),
        new("tnbc/train", 0.25, "TNBC, Naylor et al., IEEE TMI 2018, zenodo 1175282, CC BY 4.0, patients 1-8; students were trained on them: fitted to, never measured on"),
    ];

    /// <summary>Whether students were trained on it.</summary>
    public bool IsTrainedOn => Name.EndsWith("/train", StringComparison.Ordinal);

    /// <summary>Whether it only tells what students learned.</summary>
    public static bool IsReference(string set) => set == "nuinsseg/train";

    /// <summary>Its pictures with what is done to each; the strengths follow from the picture's name.</summary>
    /// <param name="data">The folder that holds the sets.</param>
    /// <exception cref="TrainingException">The set is missing.</exception>
    public IEnumerable<(TrustSet Set, TileFile Tile, Degradation Degradation, double Strength)> Pictures(string data)
    {
        foreach (var tile in TileFile.In(Path.Combine(data, Name)))
        {
            foreach (var (kind, strength) in IsTrainedOn ? [(Degradation.None, 1.0)] : WaysFor(tile.Name))
            {
                yield return (this, tile, kind, strength);
            }
        }
    }

    private static (Degradation Kind, double Strength)[] WaysFor(string name)
    {
        var random = new Random(NameSeed.Of(name, 7));
        return
        [
            (Degradation.None, 1),
            (Degradation.Blur, Between(0.5, 4)),
            (Degradation.Jpeg, Math.Round(Between(5, 50))),
            (Degradation.Fade, Between(0.25, 0.8)),
            (Degradation.Turn, Either(Between(0.6, 0.9), Between(1.1, 1.6))),
            (Degradation.Noise, Between(5, 35)),
            (Degradation.Scale, Either(1.5, 1 / 1.5)),
            (Degradation.Scale, Either(2, 0.5)),
            (Degradation.Contrast, Either(Between(0.3, 0.8), Between(1.2, 1.8))),
            (Degradation.Invert, 1),
            (Degradation.Defocus, Between(3, 5)),
            (Degradation.Ihc, 1),
            (Degradation.Texture, 1),
        ];

        double Between(double from, double to) => Math.Round(from + (random.NextDouble() * (to - from)), 3);
        double Either(double a, double b) => random.Next(2) == 0 ? a : b;
    }
}
