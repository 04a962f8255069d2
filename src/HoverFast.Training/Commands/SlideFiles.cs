namespace HoverFast.Training.Commands;

/// <summary>Files and folders of slides and pictures.</summary>
internal static class SlideFiles
{
    private static readonly HashSet<string> _extensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".svs", ".tif", ".tiff", ".btf", ".ndpi", ".mrxs", ".scn", ".bif", ".vms", ".vmu", ".svslide", ".dcm", ".png", ".jpg", ".jpeg", ".bmp", ".webp",
    };

    /// <summary>The files; of a folder its slides and pictures, by name.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static IReadOnlyList<string> Expand(IEnumerable<string> inputs)
    {
        var files = new List<string>();
        foreach (var input in inputs)
        {
            if (Directory.Exists(input))
            {
                files.AddRange(Directory.EnumerateFiles(input).Where(f => _extensions.Contains(Path.GetExtension(f))).Order(StringComparer.Ordinal));
            }
            else
            {
                files.Add(input);
            }
        }

        return files.Count > 0 ? files : throw new InvalidDataException($"{string.Join(", ", inputs)}: no slide or picture.");
    }
}
