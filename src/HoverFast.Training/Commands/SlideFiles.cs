using HoverFast.Slides;

namespace HoverFast.Training.Commands;

/// <summary>Files and folders of slides and pictures.</summary>
internal static class SlideFiles
{
    /// <summary>The files; of a folder its slides and pictures, by name.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public static IReadOnlyList<string> Expand(IEnumerable<string> inputs)
    {
        var files = new List<string>();
        foreach (var input in inputs)
        {
            if (Directory.Exists(input))
            {
                files.AddRange(Directory.EnumerateFiles(input).Where(f => Slide.Extensions.Contains(Path.GetExtension(f))).Order(StringComparer.Ordinal));
            }
            else
            {
                files.Add(input);
            }
        }

        return files.Count > 0 ? files : throw new InvalidDataException($"{string.Join(", ", inputs)}: no slide or picture.");
    }
}
