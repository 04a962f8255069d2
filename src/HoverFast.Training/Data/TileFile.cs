namespace HoverFast.Training.Data;

/// <summary>A tile of a data set on disk.</summary>
/// <param name="Name">Name of its files, without ending.</param>
/// <param name="Picture">The picture's file.</param>
/// <param name="Labels">The labels' file: a label image or GeoJSON; null where there is none.</param>
internal sealed record TileFile(string Name, string Picture, string? Labels)
{
    /// <summary>Endings of label files, in the order in which they are looked for.</summary>
    public static IReadOnlyList<string> LabelExtensions { get; } = [".png", ".tif", ".tiff", ".geojson", ".geojson.gz"];

    /// <summary>The tiles of FOLDER/images with their labels of FOLDER/labels, by name.</summary>
    /// <param name="folder">The data set's folder.</param>
    /// <param name="only">Names to take, or null for all.</param>
    /// <exception cref="TrainingException">There is no such folder, no picture in it, two pictures share a name, or a name of <paramref name="only"/> has no
    /// picture.</exception>
    public static IReadOnlyList<TileFile> In(string folder, IReadOnlyList<string>? only = null)
    {
        var images = Path.Combine(folder, "images");
        if (!Directory.Exists(images))
        {
            throw new TrainingException(folder, "is no data set: it needs the folders images/ and labels/ beside each other.");
        }

        var tiles = Directory.EnumerateFiles(images)
            .Where(f => TilePicture.Extensions.Contains(Path.GetExtension(f)) && !Path.GetFileName(f).StartsWith('.'))
            .Order(StringComparer.Ordinal)
            .Select(f => new TileFile(Path.GetFileNameWithoutExtension(f), f, LabelsOf(folder, Path.GetFileNameWithoutExtension(f))))
            .Where(t => only is null || only.Contains(t.Name))
            .ToList();
        if (tiles.GroupBy(t => t.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { } twins)
        {
            throw new TrainingException(
                images,
                $"holds two pictures named {twins.Key} ({string.Join(", ", twins.Select(t => Path.GetFileName(t.Picture)))}); the labels can belong to only one of them.");
        }

        if (only?.FirstOrDefault(n => tiles.TrueForAll(t => t.Name != n)) is { } missing)
        {
            throw new TrainingException(images, $"holds no picture named {missing}, which 'only' asks for.");
        }

        return tiles.Count > 0 ? tiles : throw new TrainingException(images, $"holds no pictures ({string.Join(", ", TilePicture.Extensions)}).");
    }

    private static string? LabelsOf(string folder, string name) =>
        LabelExtensions.Select(e => Path.Combine(folder, "labels", name + e)).FirstOrDefault(File.Exists);
}
