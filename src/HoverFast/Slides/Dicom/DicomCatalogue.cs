using HoverFast.Files;

namespace HoverFast.Slides.Dicom;

/// <summary>Which DICOM files belong together. Headers are read once, however often they are asked for. Not thread safe.</summary>
internal sealed class DicomCatalogue
{
    /// <summary>Files of a folder beyond which it is no slide's.</summary>
    private const int MostFiles = 100_000;

    private readonly Dictionary<string, DicomHeader?> _headers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<DicomHeader>> _folders = new(StringComparer.Ordinal);

    /// <summary>A file's header; null where it is no DICOM file or damaged.</summary>
    public DicomHeader? Of(string path)
    {
        var full = Path.GetFullPath(path);
        if (!_headers.TryGetValue(full, out var header))
        {
            header = _headers[full] = DicomHeader.TryRead(full);
        }

        return header;
    }

    /// <summary>
    /// All pictures of the tissue that belong to the same slide, among the files of the same folder or those that a DICOMDIR lists: the largest level first,
    /// its parts in their order.
    /// </summary>
    public IReadOnlyList<DicomHeader> SlideOf(DicomHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
        return header.Kind == DicomImageKind.Volume
            ? Sorted([header, .. Neighbours(header).Where(h => h.Path != header.Path && h.IsSameSlide(header))])
            : [header];
    }

    /// <summary>All DICOM files in the folder of one.</summary>
    public IReadOnlyList<DicomHeader> AllBeside(DicomHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
        return Neighbours(header);
    }

    /// <summary>The slides among DICOM files, each as its pictures of the tissue.</summary>
    public static IReadOnlyList<IReadOnlyList<DicomHeader>> Slides(IEnumerable<DicomHeader> headers)
    {
        var slides = new List<List<DicomHeader>>();
        foreach (var header in headers.Where(h => h.Kind == DicomImageKind.Volume))
        {
            if (slides.Find(s => s[0].IsSameSlide(header)) is { } slide)
            {
                slide.Add(header);
            }
            else
            {
                slides.Add([header]);
            }
        }

        return [.. slides.Select(Sorted)];
    }

    /// <summary>The files that a DICOMDIR lists (PS3.3 annex F), those in its own folder and below that are there.</summary>
    public IReadOnlyList<DicomHeader> Listed(DicomHeader directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        var root = Path.GetDirectoryName(directory.Path) ?? ".";
        var listed = new List<DicomHeader>();
        foreach (var record in directory.Elements.Items(DicomTag.DirectoryRecords))
        {
            var parts = record.Texts(DicomTag.ReferencedFile);
            if (parts.Length > 0 && parts.All(p => p.Length > 0 && p is not ("." or "..") && p.AsSpan().IndexOfAny('/', '\\', ':') < 0)
                && Find(root, parts) is { } path && Of(path) is { Kind: not DicomImageKind.Directory } header)
            {
                listed.Add(header);
            }
        }

        return listed;
    }

    /// <summary>A file below a folder. A DICOMDIR's names are in capitals; on disk they often aren't.</summary>
    private static string? Find(string root, string[] parts)
    {
        var path = root;
        foreach (var part in parts)
        {
            var exact = Path.Combine(path, part);
            if (!Path.Exists(exact))
            {
                exact = EntriesOf(path, Directory.EnumerateFileSystemEntries)
                    .Find(e => string.Equals(Path.GetFileName(e), part, StringComparison.OrdinalIgnoreCase));
            }

            if (exact is null)
            {
                return null;
            }

            path = exact;
        }

        return RegularFile.Exists(path) ? path : null;
    }

    /// <summary>What a folder holds; nothing where it is none, or may not be listed.</summary>
    private static List<string> EntriesOf(string folder, Func<string, IEnumerable<string>> enumerate)
    {
        try
        {
            return [.. enumerate(folder).Take(MostFiles)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static List<DicomHeader> Sorted(IEnumerable<DicomHeader> headers) =>
        [.. headers.OrderByDescending(h => h.Area).ThenBy(h => h.Part).ThenBy(h => h.Path, StringComparer.Ordinal)];

    private List<DicomHeader> Neighbours(DicomHeader header)
    {
        var folder = Path.GetDirectoryName(header.Path) ?? ".";
        if (!_folders.TryGetValue(folder, out var headers))
        {
            var files = EntriesOf(folder, Directory.EnumerateFiles).Order(StringComparer.Ordinal);
            headers = _folders[folder] = [.. files.Select(Of).OfType<DicomHeader>()];
        }

        return headers;
    }
}
