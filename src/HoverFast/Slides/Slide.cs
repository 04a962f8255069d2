using HoverFast.Slides.Dicom;
using HoverFast.Slides.OpenSlide;
using HoverFast.Slides.Tiff;

namespace HoverFast.Slides;

/// <summary>Opens slides and pictures of every format that is known.</summary>
public static class Slide
{
    /// <summary>Endings of the files that are taken from a folder, in any case; a file that is named itself may be called anything.</summary>
    public static IReadOnlySet<string> Extensions { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        ".svs", ".tif", ".tiff", ".btf", ".ndpi", ".mrxs", ".scn", ".bif", ".vms", ".vmu", ".svslide", ".dcm", ".png", ".jpg", ".jpeg", ".bmp", ".webp",
    };

    /// <summary>Opens a file by what it holds, not by its name.</summary>
    /// <param name="path">A whole-slide file or a plain picture.</param>
    /// <exception cref="SlideException">The file is missing, damaged or of an unknown kind; the message says what to do.</exception>
    public static ISlide Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var start = ReadStart(path);
        if (OpenSlideFormats.Recognise(path, start) is { } kind)
        {
            return OpenSlideSlide.Open(path, kind, OpenSlideLibrary.Installed);
        }

        return TiffFile.IsTiff(start) ? TiffSlide.Open(path)
            : DicomReader.IsDicom(start) ? DicomSlide.Open(path)
            : ImageSlide.Open(path);
    }

    private static byte[] ReadStart(string path)
    {
        try
        {
            using var file = File.OpenHandle(path);
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
