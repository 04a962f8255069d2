namespace HoverFast.Training.Importing;

/// <summary>The data sets whose layouts are known.</summary>
internal static class PublicDataSets
{
    private const string Share = "CC BY-NC-SA 4.0";

    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<PublicDataSet> All { get; } =
    [
        new(
            "consep",
            "CoNSeP, Graham et al., Medical Image Analysis 2019",
            "Apache 2.0",
            0.25,
            "Train/ and Test/, each with Images/*.png and Labels/*.mat (inst_map, type_map)",
            null,
            (folder, _) => MatLayout.Read(folder, ConsepTypes)),
        new(
            "cryonuseg",
            "CryoNuSeg, Mahbod et al., Computers in Biology and Medicine 2021, doi 10.1016/j.compbiomed.2021.104349",
            Share,
            0.25,
            "'tissue images'/*.tif beside 'Annotator 1 (biologist)/label masks modify'/*.tif",
            "frozen sections; labels of the first annotator",
            (folder, _) => MaskLayout.CryoNuSeg(folder)),
        new(
            "lizard",
            "Lizard, Graham et al., ICCV workshops 2021",
            Share,
            0.5,
            "pictures *.png and labels Labels/*.mat (inst_map, id, class), at any depth",
            "20x; partly labelled by a network and corrected by people",
            (folder, _) => MatLayout.Read(folder, LizardTypes)),
        new(
            "lynsec",
            "LyNSeC, Hussein et al., Computers in Biology and Medicine 2024, doi 10.5281/zenodo.8065174",
            "CC BY 4.0",
            0.25,
            "folders 'lynsec 2' and 'lynsec 3' of *.npy: red, green, blue, instance, and class where there is one",
            "H&E; 'lynsec 1' is IHC and is imported only by itself",
            LynsecLayout.Read),
        new(
            "monuseg",
            "MoNuSeg, Kumar et al., IEEE TMI 2017 and 2020",
            Share,
            0.25,
            "*.tif and *.xml (ImageScope outlines) of the same names, at any depth",
            null,
            (folder, _) => ImageScopeLayout.Read(folder)),
        new(
            "nucls",
            "NuCLS (single rater), Amgad et al., GigaScience 2022",
            "CC0 1.0",
            0.2,
            "rgb/*.png beside csv/*.csv",
            "nuclei that were only boxed are drawn as the ellipses in their boxes",
            (folder, _) => NuclsLayout.Read(folder)),
        new(
            "nuinsseg",
            "NuInsSeg, Mahbod et al., Scientific Data 2024, doi 10.1038/s41597-024-03117-2",
            "CC BY 4.0",
            0.21,
            "a folder an organ, each with 'tissue images'/*.png and 'label masks modify'/*.tif",
            null,
            (folder, _) => MaskLayout.NuInsSeg(folder)),
        new(
            "pannuke",
            "PanNuke, Gamper et al., ECDP 2019 and arXiv 2003.10778",
            Share,
            0.25,
            "images.npy and masks.npy of each fold (images/foldN, masks/foldN), types.npy beside the images",
            "labelled by networks and corrected by people",
            (folder, _) => PannukeLayout.Read(folder)),
        new(
            "puma",
            "PUMA, Schuiveling et al., GigaScience 2025, doi 10.5281/zenodo.13859989",
            "CC0 1.0",
            0.23,
            "*.tif and *_nuclei.geojson of the same names, at any depth",
            "melanoma",
            (folder, _) => GeoJsonLayout.Read(folder, "_nuclei", "nuclei_")),
        new("qupath", "", "", null, "pictures and *.geojson of the same names, at any depth", null, (folder, _) => GeoJsonLayout.Read(folder, "", "")),
    ];

    private static IReadOnlyDictionary<int, string> ConsepTypes => new Dictionary<int, string>
    {
        [1] = "other", [2] = "inflammatory", [3] = "healthy epithelial", [4] = "malignant epithelial", [5] = "fibroblast", [6] = "muscle", [7] = "endothelial",
    };

    private static IReadOnlyDictionary<int, string> LizardTypes => new Dictionary<int, string>
    {
        [1] = "neutrophil", [2] = "epithelial", [3] = "lymphocyte", [4] = "plasma", [5] = "eosinophil", [6] = "connective",
    };

    /// <summary>The set of this name.</summary>
    /// <exception cref="TrainingException">There is none.</exception>
    public static PublicDataSet Named(string name) =>
        All.FirstOrDefault(s => s.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new TrainingException(
            $"There is no data set named {name}; known are {string.Join(", ", All.Select(s => s.Name))}. Other tiles with outlines: qupath.");
}
