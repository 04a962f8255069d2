using HoverFast.Slides;

namespace HoverFast.Training.Importing;

/// <summary>LyNSeC: an NPY file a tile, of rows, columns and four or five planes: red, green, blue, instance, and class where there is one.</summary>
internal static class LynsecLayout
{
    private const string Ihc = "lynsec 1";

    /// <summary>Tiles of 'lynsec 2' whose labels are known to belong to other pictures.</summary>
    private const int Mismatched = 35;

    /// <summary>Reads the tiles.</summary>
    public static IEnumerable<ImportedTile> Read(string folder, TextWriter log)
    {
        var files = FilePairs.Files(folder, ".npy");
        var stained = files.Where(f => Path.GetFileName(Path.GetDirectoryName(f)) == Ihc).ToList();
        if (stained.Count < files.Count && stained.Count > 0)
        {
            log.WriteLine($"left out: the {stained.Count} tiles of '{Ihc}', which are IHC; give that folder alone to import them.");
            files = [.. files.Except(stained)];
        }

        var wrong = files
            .Where(f =>
                Path.GetFileNameWithoutExtension(f) is var n
                && n.EndsWith("_l2", StringComparison.Ordinal)
                && int.TryParse(n[..^3], out var number)
                && number < Mismatched)
            .ToList();
        if (wrong.Count > 0)
        {
            log.WriteLine($"left out: {wrong.Count} tiles of 'lynsec 2' (0_l2 to {Mismatched - 1}_l2), whose labels are known not to fit their pictures.");
            files = [.. files.Except(wrong)];
        }

        return files.Count > 0 ? files.Select(Tile) : throw new TrainingException(folder, "holds no tiles (*.npy); is it the unpacked data set?");
    }

    private static ImportedTile Tile(string path)
    {
        using var file = new NpyFile(path);
        if (file.Shape is not [var rows, var columns, 4 or 5])
        {
            throw new TrainingException(path, $"has the shape ({string.Join(", ", file.Shape)}) where (rows, columns, 4 or 5) is expected.");
        }

        var (array, planes) = (file.All(), file.Shape[2]);
        var picture = new RgbImage(columns, rows);
        for (var i = 0; i < rows * columns; i++)
        {
            for (var c = 0; c < 3; c++)
            {
                picture.Pixels[(i * 3) + c] = (byte)Math.Clamp(array.Values[(i * planes) + c], 0, 255);
            }
        }

        var labels = LabelMap.Of(path, picture.Size, (rows, columns), i => array.Values[(i * planes) + 3]);
        var types = planes == 5 ? LabelMap.Types(labels, i => array.Values[(i * planes) + 4], ImportedTile.NoTypes) : ImportedTile.NoTypes;
        return new ImportedTile(Path.GetFileNameWithoutExtension(path), picture, labels, types);
    }
}
