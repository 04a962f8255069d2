using HoverFast.Jobs;
using HoverFast.Slides;

namespace HoverFast.Server.Slides;

/// <summary>The slides below the folders that the server was given. Links that lead out of them are not followed.</summary>
internal sealed class SlideFolders
{
    private static readonly EnumerationOptions _below = new()
    {
        RecurseSubdirectories = true,
        AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden,
        IgnoreInaccessible = true,
    };

    private readonly string[] _roots;

    /// <summary>Takes the folders.</summary>
    public SlideFolders(IEnumerable<string> folders) =>
        _roots = [.. folders.Select(f => Path.TrimEndingDirectorySeparator(Resolve(Path.GetFullPath(f))) + Path.DirectorySeparatorChar)];

    /// <summary>The slides as inputs: each with the name that its result has or will have.</summary>
    public IReadOnlyList<SlideInput> List()
    {
        // Links to files are entries of their own; what they lead to must lie inside.
        var files = _roots
            .SelectMany(root => Directory.EnumerateFiles(root, "*", _below).Concat(Links(root)))
            .Where(f => Slide.Extensions.Contains(Path.GetExtension(f)) || Path.GetExtension(f).Length == 0)
            .Where(f => !SlideInputs.IsNoInput(f) && Slide.IsTaken(f))
            .Order(StringComparer.Ordinal)
            .ToList();
        return files.Count == 0 ? [] : SlideInputs.Expand(files);
    }

    /// <summary>Whether a file lies within the folders, once all links are followed.</summary>
    public bool Holds(string path) => Resolve(path) is var place && Array.Exists(_roots, root => place.StartsWith(root, StringComparison.Ordinal));

    private IEnumerable<string> Links(string root) =>
        Directory
            .EnumerateFiles(
                root,
                "*",
                new EnumerationOptions
                {
                    RecurseSubdirectories = false,
                    AttributesToSkip = FileAttributes.None,
                    IgnoreInaccessible = true,
                })
            .Where(f => new FileInfo(f).LinkTarget is not null && Holds(f));

    private static string Resolve(string path)
    {
        try
        {
            var info = Directory.Exists(path) ? (FileSystemInfo)new DirectoryInfo(path) : new FileInfo(path);
            return info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? info.FullName;
        }
        catch (IOException)
        {
            // A link that leads in a circle, or to nothing.
            return "";
        }
    }
}
