namespace HoverFast.Server.Slides;

/// <summary>Where paths lead once all links are followed: those of the folders in between, too.</summary>
internal static class FollowedPath
{
    /// <summary>Links on one way; systems stop at 40, and a circle has no end.</summary>
    private const int MostLinks = 40;

    /// <summary>Follows all links of a path, each against the place that it really lies in.</summary>
    /// <returns>The place; empty where links lead in a circle.</returns>
    public static string Of(string path)
    {
        var place = Path.GetPathRoot(Path.GetFullPath(path))!;
        var ahead = new Stack<string>();
        Push(Path.GetFullPath(path));
        var links = 0;
        while (ahead.TryPop(out var name))
        {
            if (name is "" or ".")
            {
                continue;
            }

            if (name == "..")
            {
                place = Path.GetDirectoryName(place) ?? place;
                continue;
            }

            var next = Path.Combine(place, name);
            if (TargetOf(next) is not { } target)
            {
                place = next;
            }
            else if (++links > MostLinks)
            {
                return "";
            }
            else
            {
                place = Path.IsPathFullyQualified(target) ? Path.GetPathRoot(target)! : place;
                Push(target);
            }
        }

        return place;

        void Push(string more)
        {
            foreach (var name in more[Path.GetPathRoot(more)!.Length..].Split(Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar).Reverse())
            {
                ahead.Push(name);
            }
        }
    }

    /// <summary>Whether a path leads into a folder.</summary>
    /// <param name="path">The path.</param>
    /// <param name="folder">The folder, all its own links followed.</param>
    public static bool LeadsInto(string path, string folder) =>
        Of(path).StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static string? TargetOf(string path) => (Directory.Exists(path) ? (FileSystemInfo)new DirectoryInfo(path) : new FileInfo(path)).LinkTarget;
}
