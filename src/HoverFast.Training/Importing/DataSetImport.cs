using System.Globalization;
using System.Text;
using HoverFast.Evaluation;
using HoverFast.Files;
using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Training.Data;

namespace HoverFast.Training.Importing;

/// <summary>
/// Writes a public data set as one that training reads: images/, labels/, types/ where there are types, unsure/ where not all is known, and dataset.json; all
/// of it or nothing.
/// </summary>
internal static class DataSetImport
{
    /// <summary>Imports.</summary>
    /// <param name="set">What it is.</param>
    /// <param name="folder">Where it lies, unpacked.</param>
    /// <param name="output">The folder to make.</param>
    /// <param name="log">Takes what is done, and left out.</param>
    /// <param name="cancellation">Ends it; nothing is left.</param>
    /// <returns>Tiles and nuclei.</returns>
    /// <exception cref="TrainingException">A file is missing or damaged (the message names it), or the output is there already.</exception>
    public static (int Tiles, long Nuclei) Run(PublicDataSet set, string folder, string output, TextWriter log, CancellationToken cancellation)
    {
        if (!Directory.Exists(folder))
        {
            throw new TrainingException(folder, "there is no such folder.");
        }

        var info = new DataSetInfo
        {
            Name = set.Name,
            Source = set.Source,
            Licence = set.Licence,
            Mpp = set.Mpp ?? throw new TrainingException(folder, "states no pixel size; give it with --mpp (um/px)."),
            Notes = set.Notes,
        };
        return Write((info, set.Read(folder, log)), output, log, cancellation);
    }

    /// <summary>Writes tiles as a data set.</summary>
    /// <param name="set">What the folder shall say of itself, and the tiles.</param>
    /// <param name="output">The folder to make.</param>
    /// <param name="log">Takes what is done.</param>
    /// <param name="cancellation">Ends it; nothing is left.</param>
    /// <returns>Tiles and nuclei.</returns>
    /// <exception cref="TrainingException">The output is there already, or two tiles share a name.</exception>
    public static (int Tiles, long Nuclei) Write(
        (DataSetInfo Info, IEnumerable<ImportedTile> Tiles) set,
        string output,
        TextWriter log,
        CancellationToken cancellation)
    {
        if (File.Exists(output) || Directory.Exists(output))
        {
            throw new TrainingException(output, "is there already. Give another folder, or delete that one.");
        }

        var partial = Path.TrimEndingDirectorySeparator(Path.GetFullPath(output)) + ".partial";
        try
        {
            Clear(partial);
            Directory.CreateDirectory(partial);
            var counts = WriteAll(set.Info, set.Tiles, partial, log, cancellation);
            Directory.Move(partial, output);
            return counts;
        }
        finally
        {
            Clear(partial);
        }
    }

    private static (int Tiles, long Nuclei) WriteAll(
        DataSetInfo info,
        IEnumerable<ImportedTile> tiles,
        string partial,
        TextWriter log,
        CancellationToken cancellation)
    {
        var types = new SortedSet<string>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var nuclei = 0L;
        foreach (var tile in tiles)
        {
            cancellation.ThrowIfCancellationRequested();
            if (!names.Add(tile.Name))
            {
                throw new TrainingException(info.Name, $"holds two tiles named {tile.Name}.");
            }

            RgbImageFile.WritePng(Path.Combine(partial, "images", tile.Name + ".png"), tile.Picture);
            WriteLabels(Path.Combine(partial, "labels", tile.Name), tile.Labels);
            if (tile.Unsure is { } unsure)
            {
                LabelImageFile.WritePng(Path.Combine(partial, KnownLabels.Folder, tile.Name + ".png"), unsure);
            }

            if (tile.Types.Count > 0)
            {
                WriteTypes(Path.Combine(partial, "types", tile.Name + ".csv"), tile.Types);
                types.UnionWith(tile.Types.Values);
            }

            nuclei += tile.Labels.Labels.Where(l => l != 0).Distinct().LongCount();
            if (names.Count % 100 == 0)
            {
                log.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{names.Count} tiles, {nuclei} nuclei"));
            }
        }

        (info with { Types = types.Count > 0 ? [.. types] : null }).Write(partial);
        return (names.Count, nuclei);
    }

    private static void WriteLabels(string path, LabelImage labels)
    {
        if (labels.Labels.Max() <= LabelImageFile.HighestPngLabel)
        {
            LabelImageFile.WritePng(path + ".png", labels);
        }
        else
        {
            LabelImageFile.WriteTiff(path + ".tif", labels);
        }
    }

    private static void WriteTypes(string path, IReadOnlyDictionary<int, string> types)
    {
        var text = new StringBuilder("label,type\n");
        foreach (var (label, type) in types.OrderBy(t => t.Key))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{label},{(type.AsSpan().ContainsAny(",\"\n") ? $"\"{type.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : type)}\n");
        }

        PartialFile.WriteText(path, text.ToString());
    }

    private static void Clear(string folder)
    {
        if (Directory.Exists(folder))
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
