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

    // As they are listed, and where they really lie: slides keep the path that they have by the folder given, since results are told apart by it.
    private readonly string[] _folders;
    private readonly string[] _places;

    /// <summary>Takes the folders.</summary>
    public SlideFolders(IEnumerable<string> folders)
    {
        _folders = [.. folders.Select(f => Directory.ResolveLinkTarget(f, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(f))];
        _places = [.. _folders.Select(FollowedPath.Of)];
    }

    /// <summary>The slides as inputs: each with the name that its result has or will have.</summary>
    public IReadOnlyList<SlideInput> List()
    {
        // Links to files are entries of their own; what they lead to must lie inside.
        var files = _folders
            .SelectMany(FilesOf)
            .Where(f => Slide.Extensions.Contains(Path.GetExtension(f)) || Path.GetExtension(f).Length == 0)
            .Where(f => !SlideInputs.IsNoInput(f) && Slide.IsTaken(f))
            .Order(StringComparer.Ordinal)
            .ToList();
        return files.Count == 0 ? [] : SlideInputs.Expand(files);
    }

    /// <summary>Whether a file lies within the folders, once all links are followed.</summary>
    public bool Holds(string path) => Array.Exists(_places, place => FollowedPath.LeadsInto(path, place));

    private IEnumerable<string> FilesOf(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(folder, "*", _below).Concat(Links(folder))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A file server that is away for a while: its slides are not here, and all else is shown.
            return [];
        }
    }

    private IEnumerable<string> Links(string folder) =>
        Directory
            .EnumerateFiles(
                folder,
                "*",
                new EnumerationOptions
                {
                    RecurseSubdirectories = false,
                    AttributesToSkip = FileAttributes.None,
                    IgnoreInaccessible = true,
                })
            .Where(f => new FileInfo(f).LinkTarget is not null && Holds(f));
}
