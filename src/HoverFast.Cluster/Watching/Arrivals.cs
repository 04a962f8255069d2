using System.Globalization;
using HoverFast.Files;
using HoverFast.Jobs;
using HoverFast.Slides;

namespace HoverFast.Cluster.Watching;

/// <summary>
/// Finds slides below a folder, and tells which have come whole: those whose files have kept their number, sizes and times for a while. It looks
/// again and again, since network file systems report no changes. A folder in it that may not be read (lost+found) is left out.
/// </summary>
/// <param name="folder">Where slides come in; folders in it are looked into, links to folders are not.</param>
/// <param name="leftOut">A folder that is not looked into: that of the results may lie in it.</param>
/// <param name="rest">How long nothing may have changed.</param>
/// <param name="clock">Tells the time that has passed.</param>
internal sealed class Arrivals(string folder, string leftOut, TimeSpan rest, TimeProvider clock)
{
    private static readonly EnumerationOptions _children = new() { AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden };

    private readonly List<string> _unreadable = [];
    private readonly List<string> _misnamed = [];
    private Dictionary<string, (string Signature, long Since)> _seen = new(StringComparer.Ordinal);

    /// <summary>How many slides were changing still, or new, at the last look.</summary>
    public int Coming { get; private set; }

    /// <summary>The folders that could not be read at the last look.</summary>
    public IReadOnlyList<string> Unreadable => _unreadable;

    /// <summary>
    /// The slides of the last look whose names are not in UTF-8, as far as these can be told: nothing that .NET has opens them.
    /// </summary>
    public IReadOnlyList<string> Misnamed => _misnamed;

    /// <summary>The slides that lie whole in the folder and are not settled yet, sorted by path.</summary>
    /// <param name="isSettled">Whether a slide (its path, its signature) needs no more work.</param>
    /// <exception cref="IOException">The folder can't be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be read.</exception>
    public IReadOnlyList<(string Path, string Signature)> Look(Func<string, string, bool> isSettled)
    {
        var now = clock.GetTimestamp();
        var seen = new Dictionary<string, (string Signature, long Since)>(StringComparer.Ordinal);
        var whole = new List<(string, string)>();
        _unreadable.Clear();
        _misnamed.Clear();
        foreach (var path in SlidesBelow(folder))
        {
            if (SignatureOf(path) is not { } signature)
            {
                // What could not be read of its name stands as this letter.
                if (path.Contains('\uFFFD', StringComparison.Ordinal) && FileStatus.KindOf(path, follow: false) == FileKind.Missing)
                {
                    _misnamed.Add(path);
                }

                continue;
            }

            if (isSettled(path, signature))
            {
                continue;
            }

            var since = _seen.TryGetValue(path, out var before) && before.Signature == signature ? before.Since : now;
            seen[path] = (signature, since);
            if (clock.GetElapsedTime(since, now) >= rest)
            {
                whole.Add((path, signature));
            }
        }

        _seen = seen;
        Coming = seen.Count - whole.Count;
        return whole;
    }

    /// <summary>Number, bytes and latest change of a slide's files; null where one of them is gone.</summary>
    public static string? SignatureOf(string path)
    {
        var files = Slide.FilesOf(path).Select(FileStatus.ChangeOf).ToList();
        return files.TrueForAll(f => f is not null)
            ? string.Create(CultureInfo.InvariantCulture, $"{files.Count} files, {files.Sum(f => f!.Value.Length)} bytes, {files.Max(f => f!.Value.Changed):O}")
            : null;
    }

    private IEnumerable<string> SlidesBelow(string place)
    {
        foreach (var path in SlidesIn(place))
        {
            yield return path;
        }

        foreach (var child in Directory.EnumerateDirectories(place, "*", _children).Where(c => c != leftOut).Order(StringComparer.Ordinal))
        {
            foreach (var path in SlidesBelow(child))
            {
                yield return path;
            }
        }
    }

    private IEnumerable<string> SlidesIn(string place)
    {
        try
        {
            return SlideInputs.Expand([place]).Select(i => i.Path);
        }
        catch (SlideException)
        {
            // No slide in this one.
            return [];
        }
        catch (UnauthorizedAccessException) when (place != folder)
        {
            _unreadable.Add(place);
            return [];
        }
    }
}
