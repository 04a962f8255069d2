using HoverFast.Files;
using HoverFast.Pipeline;
using HoverFast.Slides;

namespace HoverFast.Jobs.Finished;

/// <summary>Finds the slides of finished results: manifests name a file, and no folder of patients' names.</summary>
internal sealed class SlideSearch
{
    private readonly ILookup<string, string> _files;
    private readonly string _words;

    /// <summary>Looks where slides may lie.</summary>
    /// <param name="places">Files, and folders at any depth; null for the folder of results and the one above it, without those below.</param>
    /// <param name="results">The folder of results.</param>
    /// <exception cref="IOException">A place is neither file nor folder.</exception>
    public SlideSearch(IReadOnlyList<string>? places, string results)
    {
        if (places?.FirstOrDefault(p => !Path.Exists(p)) is { } missing)
        {
            throw new IOException($"{missing}: there is no such file or folder of slides.");
        }

        var folder = Path.GetFullPath(results);
        var files = places is not null
            ? places.SelectMany(p => Directory.Exists(p) ? FolderFiles.Below(p) : [p])
            : new[] { folder, Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(folder)) }
                .OfType<string>()
                .SelectMany(f => Directory.EnumerateFiles(f).Order(StringComparer.Ordinal));
        _files = files.ToLookup(f => Path.GetFileName(f), StringComparer.Ordinal);
        _words = string.Join(", ", places ?? [results, "the folder above it"]);
    }

    /// <summary>The file of a result's slide: of several of its name the one with its fingerprint, or else the one of its place.</summary>
    /// <exception cref="SlideException">No file has its name.</exception>
    public string Find(ManifestSlide slide)
    {
        var files = _files[slide.File].ToList();
        return files.Count == 0 ? throw new SlideException(slide.File, $"the slide isn't there: looked in {_words}. Name the folder that it lies in.")
            : files.Count == 1 ? files[0]
            : Among(files, slide) ?? files[0];
    }

    /// <summary>Of several files of a slide's name the one at its place, or with its fingerprint; null where none is.</summary>
    public static string? Among(IReadOnlyList<string> files, ManifestSlide slide) =>
        files.FirstOrDefault(f => ManifestSlide.HashOf(f) == slide.PathHash) ?? files.FirstOrDefault(f => HasFingerprint(f, slide));

    private static bool HasFingerprint(string path, ManifestSlide slide)
    {
        try
        {
            using var open = Slide.Open(path);
            return ((open as TiledSlide)?.Identity ?? SlideFingerprint.Of(path)) == slide.Fingerprint;
        }
        catch (SlideException)
        {
            return false;
        }
    }
}
