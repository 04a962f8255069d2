using HoverFast.Slides;

namespace HoverFast.Jobs;

/// <summary>Turns what a user names (files, folders, patterns) into inputs.</summary>
public static class SlideInputs
{
    // Links to folders are left out: they may lead in circles.
    private static readonly EnumerationOptions _allBelow = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };

    // As they are enumerated without options, but for what may not be read.
    private static readonly EnumerationOptions _readable = new() { MatchType = MatchType.Win32, AttributesToSkip = FileAttributes.None };

    private static readonly EnumerationOptions _all = new() { MatchType = MatchType.Win32, AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false };

    // Of segment, and of infer_roi.
    private static readonly string[] _resultEndings = [.. ResultFolder.Endings, "_overlay.png", "_label_mask.png"];

    /// <summary>A single file as an input, named after it.</summary>
    public static SlideInput Of(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new SlideInput(path, StemOf(path));
    }

    /// <summary>
    /// The inputs, sorted by name within each folder or pattern, none twice. A slide of several files (a DICOM series, MRXS, VMS) is one input. Names don't
    /// depend on the order: two inputs that would have one name get their endings or folders added.
    /// </summary>
    /// <param name="named">Files (taken whatever they are called), folders (their slides and pictures), or patterns with * ? and **.</param>
    /// <exception cref="SlideException">No folder or pattern holds anything.</exception>
    /// <exception cref="UnauthorizedAccessException">
    /// A folder that is named, or that a pattern begins with, may not be read. What a pattern finds below it and may not be read is left out.
    /// </exception>
    public static IReadOnlyList<SlideInput> Expand(IEnumerable<string> named)
    {
        ArgumentNullException.ThrowIfNull(named);
        var paths = new List<string>();
        var empty = new List<string>();
        foreach (var input in named)
        {
            if (Directory.Exists(input))
            {
                AddAll(input, Directory.EnumerateFiles(input).Where(Slide.IsTaken));
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

        if (paths.Count == 0 && empty.Count > 0)
        {
            throw new SlideException(empty[0], "holds no slide or picture.");
        }

        // A shell's * names folders too: one without slides fails in its turn and stops nothing, and the data folder of an MRXS slide is no input.
        paths.AddRange(empty.Where(folder => !File.Exists(Path.TrimEndingDirectorySeparator(folder) + ".mrxs")));
        return Named([.. Slide.Among(paths.DistinctBy(Path.GetFullPath, StringComparer.Ordinal))]);

        void AddAll(string input, IEnumerable<string> found)
        {
            var before = paths.Count;
            paths.AddRange(found.Where(f => !IsNoInput(f)).Order(StringComparer.Ordinal));
            if (paths.Count == before)
            {
                empty.Add(input);
            }
        }
    }

    /// <summary>
    /// Names that depend on the paths alone, and not on their order: the file's name without its ending; with it where slides a.svs and a.tif are in one
    /// batch; with as many folders before it as it takes where the same name comes from several.
    /// </summary>
    private static IReadOnlyList<SlideInput> Named(IEnumerable<string> paths)
    {
        var all = paths.ToList();
        var names = all.ConvertAll(StemOf);
        ReplaceDoubles(Path.GetFileName);
        for (var folders = 1; ReplaceDoubles(p => WithFolders(p, folders)); folders++)
        {
        }

        return [.. all.Zip(names, (path, name) => new SlideInput(path, name))];

        // Whether any had to be replaced by a longer name.
        bool ReplaceDoubles(Func<string, string> longer)
        {
            var counts = names.CountBy(n => n, StringComparer.OrdinalIgnoreCase).ToDictionary(p => p.Key, p => p.Value, StringComparer.OrdinalIgnoreCase);
            var changed = false;
            for (var i = 0; i < all.Count; i++)
            {
                if (counts[names[i]] > 1 && longer(all[i]) is var name && name != names[i])
                {
                    names[i] = name;
                    changed = true;
                }
            }

            return changed;
        }
    }

    // Only endings of slides and pictures are endings: in a DICOM name such as 1.2.3.4 the last number is part of it.
    private static string StemOf(string path) =>
        Slide.Extensions.Contains(Path.GetExtension(path)) ? Path.GetFileNameWithoutExtension(path) : Path.GetFileName(path);

    private static string WithFolders(string path, int folders)
    {
        var parts = Path.GetFullPath(path).Split([Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
        return string.Join('_', parts[Math.Max(0, parts.Length - 1 - folders)..]);
    }

    /// <summary>Results of this program, and the companions that macOS lays beside files on other disks.</summary>
    internal static bool IsNoInput(string path)
    {
        var name = Path.GetFileName(path);
        if (name.StartsWith("._", StringComparison.Ordinal))
        {
            return true;
        }

        // The manifest lies beside a result, or above it where results have folders of their own.
        var folder = Path.GetDirectoryName(path) ?? "";
        return _resultEndings.FirstOrDefault(e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase)) is { } ending
            && ((string[])[folder, Path.Combine(folder, "..")]).Any(f => File.Exists(Manifest.PathFor(f, name[..^ending.Length])));
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
                ? folders.SelectMany(f => Directory.EnumerateDirectories(f, "*", _allBelow).Prepend(f))
                : folders.SelectMany(f => Directory.EnumerateDirectories(f, part, In(f)));
        }

        return folders
            .ToList()
            .SelectMany(f => Directory.EnumerateFiles(f, parts[^1], In(f)))
            .Select(f => f.StartsWith("./", StringComparison.Ordinal) && fixedParts.Length == 0 ? f[2..] : f);

        EnumerationOptions In(string folder) => folder == root ? _all : _readable;
    }
}
