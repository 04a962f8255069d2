using HoverFast.Files;
using HoverFast.Slides.Dicom;
using HoverFast.Slides.DicomWeb;
using HoverFast.Slides.OpenSlide;
using HoverFast.Slides.Tiff;

namespace HoverFast.Slides;

/// <summary>Opens slides and pictures of every format that is known.</summary>
public static class Slide
{
    /// <summary>Endings of the files that are taken from a folder, in any case; a file that is named itself may be called anything.</summary>
    public static IReadOnlySet<string> Extensions { get; } =
        new HashSet<string>(StringComparer.OrdinalIgnoreCase)
        {
            ".svs",
            ".tif",
            ".tiff",
            ".btf",
            ".ndpi",
            ".mrxs",
            ".scn",
            ".bif",
            ".vms",
            ".vmu",
            ".svslide",
            ".qptiff",
            ".czi",
            ".dcm",
            ".png",
            ".jpg",
            ".jpeg",
            ".bmp",
            ".gif",
            ".webp",
        };

    /// <summary>
    /// Whether a file that was found in a folder is taken for a slide or picture: by its ending or, whatever it is called, where it begins as DICOM does.
    /// </summary>
    public static bool IsTaken(string path) => Extensions.Contains(Path.GetExtension(path)) || DicomHeader.TryRead(path) is not null;

    /// <summary>
    /// All files that make up the slide that a file belongs to, the one to open first: the levels and parts of a DICOM series in the same folder, the data of
    /// MRXS and VMS. Of a file that is missing or of an unknown kind, itself.
    /// </summary>
    public static IReadOnlyList<string> FilesOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new SlideFiles().Of(path);
    }

    /// <summary>
    /// The slides among files: each once, by the file to open, in the order given. Left out is what belongs to a slide that is there: its other levels and data
    /// files, and DICOM labels, overviews and annotations of the same study. A DICOMDIR stands for the slides that it lists.
    /// </summary>
    public static IReadOnlyList<string> Among(IEnumerable<string> paths)
    {
        ArgumentNullException.ThrowIfNull(paths);
        return new SlideFiles().Among(paths);
    }

    /// <summary>Opens a file by what it holds, not by its name.</summary>
    /// <param name="path">A whole-slide file, a plain picture, or the address of a series (or of a study of one slide) on a DICOMweb server.</param>
    /// <exception cref="SlideException">The file is missing, damaged or of an unknown kind; the message says what to do.</exception>
    public static ISlide Open(string path) => OpenUntilStopped(path, CancellationToken.None);

    /// <summary>Opens a file by what it holds, not by its name.</summary>
    /// <param name="path">A whole-slide file, a plain picture, or an address on a DICOMweb server.</param>
    /// <param name="cancellation">Ends the requests to a server, while the slide is open too: who waits for one reads nothing.</param>
    /// <exception cref="SlideException">The file is missing, damaged or of an unknown kind; the message says what to do.</exception>
    internal static ISlide OpenUntilStopped(string path, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (DicomWebAddress.IsAddress(path))
        {
            return DicomWebSlide.OpenUntilStopped(path, cancellation);
        }

        var start = ReadStart(path);
        if (DicomReader.IsDicom(start))
        {
            // First, since a DICOM file may be a TIFF file at once.
            return DicomSlide.Open(path);
        }

        if (OpenSlideFormats.Recognise(path, start) is { } kind)
        {
            return OpenSlideSlide.Open(path, kind, OpenSlideLibrary.Installed);
        }

        return TiffFile.IsTiff(start) ? TiffSlide.Open(path)
            : ImageSlide.Open(path);
    }

    private static byte[] ReadStart(string path)
    {
        try
        {
            using var file = RegularFile.OpenHandle(path);
            var start = new byte[256];
            var read = RandomAccess.Read(file, start, 0);
            return start[..read];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, RgbImageFile.Unreadable(e), e);
        }
    }
}
