using HoverFast.Labels;
using HoverFast.Training.Data;

namespace HoverFast.Training.Importing;

/// <summary>Pictures beside label images: NuInsSeg (a folder an organ) and CryoNuSeg (a folder an annotator).</summary>
internal static class MaskLayout
{
    private const string Pictures = "tissue images";

    // In the modified masks touching nuclei are parted, as the publications ask for.
    private static readonly string[] _masks = ["label masks modify", "label masks"];

    /// <summary>Reads NuInsSeg.</summary>
    public static IEnumerable<ImportedTile> NuInsSeg(string folder)
    {
        var organs = Directory.EnumerateDirectories(folder, Pictures, new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 4 })
            .Select(d => Path.GetDirectoryName(d)!)
            .Order(StringComparer.Ordinal)
            .ToList();
        return organs.Count > 0
            ? organs.SelectMany(o => Read(Path.Combine(o, Pictures), MasksOf(o), Path.GetFileName(o).Replace(' ', '_') + "__"))
            : throw new TrainingException(folder, $"holds no folder '{Pictures}'; is it the unpacked data set?");
    }

    /// <summary>Reads CryoNuSeg, with the labels of the first annotator.</summary>
    public static IEnumerable<ImportedTile> CryoNuSeg(string folder)
    {
        var pictures = Path.Combine(folder, Pictures);
        return Directory.Exists(pictures)
            ? Read(pictures, MasksOf(Path.Combine(folder, "Annotator 1 (biologist)")), "")
            : throw new TrainingException(folder, $"holds no folder '{Pictures}'; is it the unpacked data set?");
    }

    private static string MasksOf(string folder) => _masks.Select(m => Path.Combine(folder, m)).FirstOrDefault(Directory.Exists)
        ?? throw new TrainingException(folder, $"holds no folder '{_masks[0]}' with label images.");

    private static IEnumerable<ImportedTile> Read(string pictures, string masks, string prefix)
    {
        foreach (var picture in FilePairs.Files(pictures, ".png", ".tif", ".tiff"))
        {
            var name = Path.GetFileNameWithoutExtension(picture);
            var mask = new[] { ".tif", ".tiff", ".png" }.Select(e => Path.Combine(masks, name + e)).FirstOrDefault(File.Exists)
                ?? throw new TrainingException(picture, $"its labels {Path.Combine(masks, name)}.tif are missing.");
            var image = TilePicture.Read(picture);
            yield return new ImportedTile(prefix + name.Replace(' ', '_'), image, LabelImageFile.Read(mask, image.Size), ImportedTile.NoTypes);
        }
    }
}
