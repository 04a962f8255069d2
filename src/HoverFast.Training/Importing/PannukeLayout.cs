using System.Globalization;
using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Training.Importing;

/// <summary>
/// PanNuke: images.npy (tiles, rows, columns, 3) and masks.npy (tiles, rows, columns, 6): instances of neoplastic, inflammatory, connective, dead and
/// epithelial nuclei in a plane each, then the background. types.npy names the tissue of each tile.
/// </summary>
internal static class PannukeLayout
{
    private static readonly string[] _types = ["neoplastic", "inflammatory", "connective", "dead", "epithelial"];

    /// <summary>Reads the tiles.</summary>
    public static IEnumerable<ImportedTile> Read(string folder)
    {
        var files = FilePairs.Files(folder, Path.DirectorySeparatorChar + "images.npy");
        return files.Count > 0
            ? files.SelectMany(f => Fold(f, files.Count))
            : throw new TrainingException(folder, "holds no images.npy; is it the unpacked data set?");
    }

    private static IEnumerable<ImportedTile> Fold(string imagesPath, int folds)
    {
        var place = Path.GetDirectoryName(imagesPath)!;
        var fold = Path.GetFileName(place);
        var masksPath = new[]
        {
            Path.Combine(place, "..", "..", "masks", fold, "masks.npy"),
            Path.Combine(place, "..", "masks", "masks.npy"),
            Path.Combine(place, "masks.npy"),
        }
            .Select(Path.GetFullPath)
            .FirstOrDefault(File.Exists)
            ?? throw new TrainingException(imagesPath, "its masks.npy is missing (masks/FOLD/masks.npy beside images/FOLD).");
        using var images = new NpyFile(imagesPath);
        using var masks = new NpyFile(masksPath);
        if (images.Shape is not [_, var rows, var columns, 3]
            || masks.Shape is not [var count, var maskRows, var maskColumns, 6]
            || count != images.Count
            || (maskRows, maskColumns) != (rows, columns))
        {
            throw new TrainingException(
                masksPath,
                $"has the shape ({string.Join(", ", masks.Shape)}), which doesn't go with the images' ({string.Join(", ", images.Shape)}).");
        }

        var typesPath = Path.Combine(place, "types.npy");
        using var tissues = File.Exists(typesPath) ? new NpyFile(typesPath) : null;
        for (var i = 0; i < count; i++)
        {
            var tissue =
                tissues is null || i >= tissues.Count ? "tile" : string.Concat(tissues.Text(i).Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_'));
            var name = string.Create(
                CultureInfo.InvariantCulture,
                $"{tissue}__{(folds > 1 || fold.StartsWith("fold", StringComparison.OrdinalIgnoreCase) ? fold + "_" : "")}{i:00000}");
            yield return Tile(name, masksPath, images.Slice(i), masks.Slice(i), new PixelSize(columns, rows));
        }
    }

    private static ImportedTile Tile(string name, string path, NumberArray image, NumberArray mask, PixelSize size)
    {
        var picture = new RgbImage(size.Width, size.Height, Array.ConvertAll(image.Values, v => (byte)Math.Clamp(v, 0, 255)));
        var labels = new LabelImage(size.Width, size.Height);
        var numbers = new Dictionary<(int Plane, double Id), int>();
        var types = new Dictionary<int, string>();
        for (var i = 0; i < labels.Labels.Length; i++)
        {
            for (var plane = 0; plane < _types.Length; plane++)
            {
                var id = mask.Values[(i * (_types.Length + 1)) + plane];
                if (id is < 0 or > int.MaxValue || id != Math.Floor(id))
                {
                    throw new TrainingException(path, $"holds {id} where a label (0, 1, 2 ...) is expected.");
                }

                if (id > 0 && labels.Labels[i] == 0)
                {
                    if (!numbers.TryGetValue((plane, id), out var label))
                    {
                        numbers[(plane, id)] = label = numbers.Count + 1;
                        types[label] = _types[plane];
                    }

                    labels.Labels[i] = label;
                }
            }
        }

        return new ImportedTile(name, picture, labels, types);
    }
}
