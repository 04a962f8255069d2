using System.Text;
using HoverFast.Files;
using HoverFast.Slides.Dicom;

namespace HoverFast.Slides;

/// <summary>Which files make up a slide: most are one file; DICOM, MIRAX and Hamamatsu VMS slides are several.</summary>
internal sealed class SlideFiles
{
    private const int LongestIndex = 1 << 20;

    private readonly DicomCatalogue _dicom = new();

    /// <summary>
    /// All files of the slide that a file belongs to or stands for, the one to open first. Of a file that is missing or of an unknown kind, itself.
    /// </summary>
    public IReadOnlyList<string> Of(string path)
    {
        if (_dicom.Of(path) is { } header)
        {
            return header.Kind == DicomImageKind.Directory
                ? [path, .. DicomCatalogue.Slides(_dicom.Listed(header)).SelectMany(slide => slide).Select(h => h.Path)]
                : [.. _dicom.SlideOf(header).Select(h => Same(h.Path, path) ? path : Beside(path, h.Path))];
        }

        return Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".MRXS" => [path, .. FilesIn(Path.Combine(Path.GetDirectoryName(path) ?? string.Empty, Path.GetFileNameWithoutExtension(path)))],
            ".VMS" or ".VMU" => [path, .. NamedIn(path)],
            _ => [path],
        };
    }

    /// <summary>
    /// The slides among files: of several files of a slide the one to open, in the place of the first; files that a DICOMDIR lists in its place. What belongs
    /// to a slide that is there is left out: levels, data files, and DICOM labels, overviews and annotations of the same study. All else stays, to be read or
    /// refused.
    /// </summary>
    public IReadOnlyList<string> Among(IEnumerable<string> paths)
    {
        var given = paths.SelectMany(p => _dicom.Of(p) is { Kind: DicomImageKind.Directory } directory ? ListedIn(p, directory) : [p]).ToList();
        var volumes = given.Select(_dicom.Of).OfType<DicomHeader>().Where(h => h.Kind == DicomImageKind.Volume).ToList();
        var studies = volumes.Where(h => h.Study.Length > 0).Select(h => h.Study).ToHashSet(StringComparer.Ordinal);

        // Some writers leave the study out: then what lies beside the tissue in its folder, or is of its series, belongs to it.
        var series = volumes.Where(h => h.Series.Length > 0).Select(h => h.Series).ToHashSet(StringComparer.Ordinal);
        var folders = volumes.Where(h => h.Study.Length == 0).Select(h => FolderOf(h.Path)).ToHashSet(StringComparer.Ordinal);
        var slides = new List<IReadOnlyList<string>>();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in given)
        {
            if (_dicom.Of(path) is { } header && (IsOfStudy(header) || IsBesideTissue(header, path)))
            {
                continue;
            }

            var files = Of(path);
            if (taken.Add(Path.GetFullPath(files[0])))
            {
                slides.Add(files);
            }
        }

        // A data file may come before the file that names it.
        var companions = slides.SelectMany(s => s.Skip(1)).Select(Path.GetFullPath).ToHashSet(StringComparer.Ordinal);
        return [.. slides.Select(s => s[0]).Where(p => !companions.Contains(Path.GetFullPath(p)))];

        bool IsOfStudy(DicomHeader header) => header.Kind != DicomImageKind.Volume && studies.Contains(header.Study);

        bool IsBesideTissue(DicomHeader header, string path) =>
            header.Kind is DicomImageKind.Label or DicomImageKind.Overview or DicomImageKind.Thumbnail or DicomImageKind.Localizer
            && (series.Contains(header.Series) || (header.Study.Length == 0 && folders.Contains(FolderOf(path))));
    }

    private IEnumerable<string> ListedIn(string path, DicomHeader directory)
    {
        var slides = DicomCatalogue.Slides(_dicom.Listed(directory));
        return slides.Count == 0 ? [path] : slides.Select(s => s[0].Path);
    }

    private static string? FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path));

    private static bool Same(string a, string b) => Path.GetFullPath(a) == Path.GetFullPath(b);

    /// <summary>A file of the same folder, named in the way that the other is.</summary>
    private static string Beside(string path, string other) => Path.Combine(Path.GetDirectoryName(path) ?? string.Empty, Path.GetFileName(other));

    private static IEnumerable<string> FilesIn(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? Directory.GetFiles(folder).Order(StringComparer.Ordinal) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The files that a VMS or VMU index names: lines such as ImageFile(1,0)=name.jpg.</summary>
    private static List<string> NamedIn(string path)
    {
        var files = new List<string>();
        try
        {
            foreach (var line in Encoding.Latin1.GetString(RegularFile.ReadAllBytes(path, LongestIndex)).Split('\n'))
            {
                var at = line.IndexOf('=', StringComparison.Ordinal);
                var key = at > 0 ? line[..at].Trim() : string.Empty;
                var name = at > 0 ? line[(at + 1)..].Trim() : string.Empty;
                var isFile = key.StartsWith("ImageFile", StringComparison.OrdinalIgnoreCase) || key is "MapFile" or "MacroImage" or "OptimisationFile";
                if (isFile
                    && name.Length > 0
                    && name == Path.GetFileName(name)
                    && RegularFile.Exists(Path.Combine(Path.GetDirectoryName(path) ?? string.Empty, name)))
                {
                    files.Add(Path.Combine(Path.GetDirectoryName(path) ?? string.Empty, name));
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Opening the slide will say so.
        }

        return files;
    }
}
