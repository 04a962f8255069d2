using HoverFast.Slides;

namespace HoverFast.Jobs;

/// <summary>Turns what a user names (files, folders, patterns) into inputs.</summary>
public static class SlideInputs
{
    /// <summary>A single file as an input, named after it.</summary>
    public static SlideInput Of(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new SlideInput(path, Path.GetFileNameWithoutExtension(path));
    }

    /// <summary>The inputs, sorted by name within each folder or pattern, none twice.</summary>
    /// <param name="named">Files (taken whatever they are called), folders (their slides and pictures), or patterns with * ? and **.</param>
    /// <exception cref="SlideException">A folder or pattern holds nothing.</exception>
    public static IReadOnlyList<SlideInput> Expand(IEnumerable<string> named)
    {
        ArgumentNullException.ThrowIfNull(named);
        var paths = new List<string>();
        foreach (var input in named)
        {
            if (Directory.Exists(input))
            {
                AddAll(input, Directory.EnumerateFiles(input).Where(f => Slide.Extensions.Contains(Path.GetExtension(f))));
            }
            else if (input.AsSpan().IndexOfAny('*', '?') >= 0 && !File.Exists(input))
            {
                AddAll(input, Matches(input));
            }
            else
            {
                // A missing file too: it is reported in its turn, and the rest is done.
                paths.Add(input);
            }
        }

        return Named(paths.DistinctBy(Path.GetFullPath, StringComparer.Ordinal));

        void AddAll(string input, IEnumerable<string> found)
        {
            var before = paths.Count;
            paths.AddRange(found.Order(StringComparer.Ordinal));
            if (paths.Count == before)
            {
                throw new SlideException(input, "holds no slide or picture.");
            }
        }
    }

    private static IReadOnlyList<SlideInput> Named(IEnumerable<string> paths)
    {
        // Slides a.svs and a.tif in one batch get their whole names; the same name from two folders gets a number.
        var groups = paths.ToList();
        var stems = groups.CountBy(p => Path.GetFileNameWithoutExtension(p), StringComparer.OrdinalIgnoreCase).ToDictionary(p => p.Key, p => p.Value, StringComparer.OrdinalIgnoreCase);
        var used = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var files = new List<SlideInput>();
        foreach (var path in groups)
        {
            var name = stems[Path.GetFileNameWithoutExtension(path)] == 1 ? Path.GetFileNameWithoutExtension(path) : Path.GetFileName(path);
            var unique = name;
            for (var i = 2; !used.Add(unique); i++)
            {
                unique = $"{name}-{i}";
            }

            files.Add(new SlideInput(path, unique));
        }

        return files;
    }

    private static IEnumerable<string> Matches(string pattern)
    {
        var parts = pattern.Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar);
        var fixedParts = parts.TakeWhile(p => p.AsSpan().IndexOfAny('*', '?') < 0).ToArray();
        var root = fixedParts.Length == 0 ? "." : string.Join(Path.DirectorySeparatorChar, fixedParts);
        if (root.Length == 0)
        {
            root = Path.DirectorySeparatorChar.ToString();
        }

        IEnumerable<string> folders = Directory.Exists(root) ? [root] : [];
        foreach (var part in parts[fixedParts.Length..^1])
        {
            folders = part == "**"
                ? folders.SelectMany(f => Directory.EnumerateDirectories(f, "*", SearchOption.AllDirectories).Prepend(f))
                : folders.SelectMany(f => Directory.EnumerateDirectories(f, part));
        }

        return folders.ToList().SelectMany(f => Directory.EnumerateFiles(f, parts[^1])).Select(f => f.StartsWith("./", StringComparison.Ordinal) && fixedParts.Length == 0 ? f[2..] : f);
    }
}
