namespace HoverFast.Training.Importing;

/// <summary>Finds the pictures of a folder and the labels that belong to them by name.</summary>
internal static class FilePairs
{
    private static readonly EnumerationOptions _deep = new() { RecurseSubdirectories = true, IgnoreInaccessible = true, MaxRecursionDepth = 8 };

    /// <summary>All files with one of these endings, at any depth, by path; what macOS adds is left out.</summary>
    public static IReadOnlyList<string> Files(string folder, params string[] endings) =>
    [
        .. Directory.EnumerateFiles(folder, "*", _deep)
            .Where(f => endings.Any(e => f.EndsWith(e, StringComparison.OrdinalIgnoreCase)))
            .Where(f => !Path.GetFileName(f).StartsWith("._", StringComparison.Ordinal) && !f.Contains("__MACOSX", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Each label file with the picture of its name.</summary>
    /// <param name="folder">Where both lie, at any depth.</param>
    /// <param name="labelEnding">How labels are called: the picture's name and this.</param>
    /// <param name="pictureEndings">Endings of pictures.</param>
    /// <param name="counts">Whether a picture counts, by its path (overlays don't).</param>
    /// <param name="areLabels">Whether a file of that ending holds labels, by its path (lists of tiles don't).</param>
    /// <exception cref="TrainingException">There are no labels, or a picture is missing or there twice.</exception>
    public static IReadOnlyList<(string Name, string Picture, string Labels)> Of(
        string folder,
        string labelEnding,
        string[] pictureEndings,
        Func<string, bool>? counts = null,
        Func<string, bool>? areLabels = null)
    {
        var labels = Files(folder, labelEnding).Where(l => areLabels is null || areLabels(l)).ToList();
        if (labels.Count == 0)
        {
            throw new TrainingException(folder, $"holds no labels (*{labelEnding}); is it the unpacked data set?");
        }

        var pictures = Files(folder, pictureEndings).Where(p => counts is null || counts(p)).ToLookup(Path.GetFileNameWithoutExtension, StringComparer.Ordinal);
        return
        [
            .. labels.Select(l =>
            {
                var name = Path.GetFileName(l)[..^labelEnding.Length];
                var found = pictures[name].ToList();
                return found.Count == 1
                    ? (name, found[0], l)
                    : throw new TrainingException(
                        l,
                        found.Count == 0
                            ? $"its picture {name} ({string.Join(", ", pictureEndings)}) is missing."
                            : $"there are two pictures named {name}: {found[0]} and {found[1]}.");
            }),
        ];
    }
}
