using System.Numerics;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Evaluation;

/// <summary>
/// The nuclei of a picture with the types that people gave them: labels with a table of types beside them (labels/X.png and types/X.csv), outlines with
/// classes, or points.
/// </summary>
internal static class TypeTruth
{
    /// <summary>The files of points in a folder (CSV with x, y, type), by the picture's name; empty where it holds none.</summary>
    public static IReadOnlyDictionary<string, string> PointsIn(string folder) => !Directory.Exists(folder)
        ? new Dictionary<string, string>()
        : new SortedDictionary<string, string>(
            Directory.EnumerateFiles(folder, "*.csv").Where(TypeTable.HoldsPoints).ToDictionary(f => Path.GetFileNameWithoutExtension(f)),
            StringComparer.Ordinal);

    /// <summary>Points as nuclei.</summary>
    /// <exception cref="SlideException">The file can't be read, or names a type that isn't known.</exception>
    public static IReadOnlyList<TypedNucleus> OfPoints(string path, IReadOnlyList<ModelCard.NucleusType> types) =>
        [.. TypeTable.Points(path).Select(p => new TypedNucleus(p.Place, NumberOf(p.Type, types, path)))];

    /// <summary>The nuclei of a file of labels or outlines; null where it has no types.</summary>
    /// <param name="path">The file.</param>
    /// <param name="labels">What it holds.</param>
    /// <param name="types">The types that the model tells.</param>
    /// <exception cref="SlideException">A file can't be read, or names a type that isn't known.</exception>
    public static IReadOnlyList<TypedNucleus>? OfLabels(string path, LabelImage labels, IReadOnlyList<ModelCard.NucleusType> types) =>
        NamesOf(path) is { Count: > 0 } names ? OfLabels(labels, names, name => NumberOf(name, types, TableOf(path) ?? path)) : null;

    /// <summary>The nuclei of a label image.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="names">Names of the types of those whose type is known, by label.</param>
    /// <param name="numberOf">Gives a type's number by its name.</param>
    public static IReadOnlyList<TypedNucleus> OfLabels(LabelImage labels, IReadOnlyDictionary<int, string> names, Func<string, int> numberOf)
    {
        var numbers = names.Values.Distinct().ToDictionary(name => name, numberOf);
        return [.. Centroids(labels).Select(c => new TypedNucleus(c.Centroid, names.TryGetValue(c.Label, out var name) ? numbers[name] : 0))];
    }

    /// <summary>The names of types in a file of outlines, or in the table beside a label image, by label; empty where there are none.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SlideException">A file can't be read.</exception>
    public static IReadOnlyDictionary<int, string> NamesOf(string path)
    {
        if (OutlineFile.IsOutlines(path))
        {
            return OutlineFile.ReadNuclei(path).Index().Where(n => n.Item.Type is not null).ToDictionary(n => n.Index + 1, n => n.Item.Type!);
        }

        return TableOf(path) is { } table ? TypeTable.Labels(table) : new Dictionary<int, string>();
    }

    private static string? TableOf(string labels)
    {
        var folder = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(labels)));
        var table = Path.Combine(folder ?? "", "types", Path.GetFileNameWithoutExtension(labels) + ".csv");
        return File.Exists(table) ? table : null;
    }

    private static int NumberOf(string name, IReadOnlyList<ModelCard.NucleusType> types, string path) => TypeNames.IndexOf(types, name) is >= 0 and var index
        ? index + 1
        : throw new SlideException(path, $"names the type '{name}', which the model doesn't tell: it knows {string.Join(", ", types.Select(t => t.Name))}.");

    private static IEnumerable<(int Label, Vector2 Centroid)> Centroids(LabelImage labels)
    {
        var sums = new SortedDictionary<int, (double X, double Y, int Pixels)>();
        for (var i = 0; i < labels.Labels.Length; i++)
        {
            if (labels.Labels[i] is not 0 and var label)
            {
                var (x, y, pixels) = sums.GetValueOrDefault(label);
                sums[label] = (x + (i % labels.Width) + 0.5, y + (i / labels.Width) + 0.5, pixels + 1);
            }
        }

        return sums.Select(s => (s.Key, new Vector2((float)(s.Value.X / s.Value.Pixels), (float)(s.Value.Y / s.Value.Pixels))));
    }
}
