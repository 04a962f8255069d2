namespace HoverFast.Slides.Dicom;

/// <summary>
/// A DICOM whole slide (VL Whole Slide Microscopy Image): the files of the same series in the same folder, each a level or a part of one.
/// </summary>
internal static class DicomSlide
{
    /// <summary>Opens the slide that a file belongs to.</summary>
    /// <exception cref="SlideException">The file is damaged, no whole slide, or stored in a way that isn't known.</exception>
    public static ISlide Open(string path)
    {
        var files = new OpenFiles();
        try
        {
            var catalogue = new DicomCatalogue();
            var header = new DicomHeader(Path.GetFullPath(path), new DicomFile(path, files).Elements);
            if (header.Kind == DicomImageKind.Directory)
            {
                var listed = catalogue.Listed(header);
                header = OnlyOneOf(path, DicomCatalogue.Slides(listed), out var only);
                return Open(path, header, only, new DicomAssociated(header, listed), files);
            }

            if (Refusal(header.Kind) is { } refusal)
            {
                throw new SlideException(path, refusal);
            }

            var members = catalogue.SlideOf(header);
            return Open(path, header, members, new DicomAssociated(header, catalogue.AllBeside(header)), files);
        }
        catch (Exception e)
        {
            files.Dispose();
            if (e is InvalidDataException or NotSupportedException or IOException or UnauthorizedAccessException)
            {
                throw new SlideException(path, $"the DICOM slide can't be read: {e.Message}", e);
            }

            throw;
        }
    }

    /// <summary>Why an instance can't be segmented; null where it can.</summary>
    public static string? Refusal(DicomImageKind kind) => kind switch
    {
        DicomImageKind.Volume => null,
        DicomImageKind.Other => "is a DICOM file, but no whole slide (VL Whole Slide Microscopy Image).",
        DicomImageKind.Directory => "is a DICOMDIR that lists no whole slide.",
        _ => $"is a DICOM slide's {kind.ToString().ToUpperInvariant()} picture; give the file that holds the tissue (VOLUME).",
    };

    private static ISlide Open(string path, DicomHeader header, IReadOnlyList<DicomHeader> slide, DicomAssociated associated, OpenFiles files)
    {
        var instances = new List<IDicomInstance>();
        IDicomInstance? given = null;
        foreach (var member in slide)
        {
            try
            {
                instances.Add(new DicomFile(member.Path, files));
                given = member.Path == header.Path ? instances[^1] : given;
            }
            catch (Exception e)
                when (e is InvalidDataException or NotSupportedException or IOException or UnauthorizedAccessException
                    && member.Path != header.Path
                    && member.Area < header.Area)
            {
                // Smaller levels can be done without: a damaged neighbour doesn't spoil the file that was asked for.
            }
        }

        return DicomPyramid.Open(path, "DICOM", given!, instances, files, associated: associated);
    }

    private static DicomHeader OnlyOneOf(string path, IReadOnlyList<IReadOnlyList<DicomHeader>> slides, out IReadOnlyList<DicomHeader> slide)
    {
        if (slides is not [var only])
        {
            throw new SlideException(
                path,
                slides.Count == 0
                    ? Refusal(DicomImageKind.Directory)!
                    : $"is a DICOMDIR that lists {slides.Count} slides; give one of them, for example {slides[0][0].Path}.");
        }

        slide = only;
        return only[0];
    }
}
