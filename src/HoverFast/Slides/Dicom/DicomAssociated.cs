namespace HoverFast.Slides.Dicom;

/// <summary>
/// The pictures beside a DICOM slide: its label, and the whole glass at low power (ImageType LABEL and OVERVIEW, PS3.3 C.8.12.4.1.1). They are instances of the
/// slide's series, opened only when they are asked for.
/// </summary>
internal sealed class DicomAssociated
{
    private readonly List<(AssociatedPicture Picture, string Path)> _all;

    /// <summary>Finds them.</summary>
    /// <param name="slide">A level of the slide.</param>
    /// <param name="others">The headers of the files about it.</param>
    public DicomAssociated(DicomHeader slide, IEnumerable<DicomHeader> others) =>
        _all =
        [
            .. others.Where(h => h.Kind is DicomImageKind.Label or DicomImageKind.Overview && h.Series.Length > 0 && h.Series == slide.Series)
                .DistinctBy(h => h.Kind)
                .OrderBy(h => h.Kind)
                .Select(h => (new AssociatedPicture(h.Kind.ToString().ToLowerInvariant(), SizeOf(h.Elements)), h.Path)),
        ];

    /// <summary>What they are: "label", "overview".</summary>
    public IReadOnlyList<AssociatedPicture> Pictures => [.. _all.Select(a => a.Picture)];

    /// <summary>Reads one.</summary>
    /// <param name="picture">One of <see cref="Pictures"/>.</param>
    /// <exception cref="SlideException">It is damaged, too large to show, or stored in a way that isn't known.</exception>
    public RgbImage Read(AssociatedPicture picture)
    {
        var path = _all.Find(a => a.Picture == picture).Path ?? throw new ArgumentException("It is no picture of this slide.", nameof(picture));
        var files = new OpenFiles();
        try
        {
            var level = new DicomLevel([new DicomFile(path, files)]);
            if (level.Size.Area > RgbImageFile.MostPixels)
            {
                throw new SlideException(path, $"is too large to show ({level.Size} pixels).");
            }

            using var slide = new TiledSlide(path, "DICOM", [level], null, files);
            var image = new RgbImage(level.Size.Width, level.Size.Height);
            slide.Read(0, 1, slide.Bounds, image);
            return image;
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, $"the picture can't be read: {e.Message}", e);
        }
        finally
        {
            files.Dispose();
        }
    }

    private static PixelSize? SizeOf(DicomDataSet elements)
    {
        var width = elements.Integer(DicomTag.TotalColumns) ?? elements.Integer(DicomTag.Columns);
        var height = elements.Integer(DicomTag.TotalRows) ?? elements.Integer(DicomTag.Rows);
        return width is > 0 and <= int.MaxValue && height is > 0 and <= int.MaxValue ? new PixelSize((int)width, (int)height) : null;
    }
}
