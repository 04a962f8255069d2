using HoverFast.Files;

namespace HoverFast.Slides.Dicom;

/// <summary>What of a DICOM instance tells which slide it belongs to, and as what.</summary>
internal sealed record DicomHeader
{
    private const string WholeSlideClass = "1.2.840.10008.5.1.4.1.1.77.1.6";
    private const string DirectoryClass = "1.2.840.10008.1.3.10";

    /// <summary>Reads the elements of an instance.</summary>
    /// <param name="path">The file, or another name of the instance.</param>
    /// <param name="elements">Its elements; those of the frames aren't needed.</param>
    public DicomHeader(string path, DicomDataSet elements)
    {
        ArgumentNullException.ThrowIfNull(elements);
        Path = path;
        Elements = elements;
        Kind = KindOf(elements);
        Study = elements.Text(DicomTag.StudyInstance);
        Series = elements.Text(DicomTag.SeriesInstance);
        Pyramid = elements.Text(DicomTag.PyramidInstance);
        Area = (double)(elements.Integer(DicomTag.TotalColumns) ?? 0) * (elements.Integer(DicomTag.TotalRows) ?? 0);
        Part = elements.Integer(DicomTag.InConcatenationNumber) ?? 1;
    }

    /// <summary>The file, or another name of the instance.</summary>
    public string Path { get; }

    /// <summary>The elements that it was read from.</summary>
    public DicomDataSet Elements { get; }

    /// <summary>What it shows.</summary>
    public DicomImageKind Kind { get; }

    /// <summary>Its study, or empty.</summary>
    public string Study { get; }

    /// <summary>Its series: one slide's pictures. Or empty.</summary>
    public string Series { get; }

    /// <summary>Its pyramid, where a series holds several; or empty.</summary>
    public string Pyramid { get; }

    /// <summary>Pixels of its level.</summary>
    public double Area { get; }

    /// <summary>Which part of its level it is, counted from 1.</summary>
    public long Part { get; }

    /// <summary>Whether both are pictures of the same slide's tissue.</summary>
    public bool IsSameSlide(DicomHeader other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Kind == DicomImageKind.Volume && other.Kind == DicomImageKind.Volume && Series.Length > 0 && Series == other.Series
            && (Pyramid == other.Pyramid || Pyramid.Length == 0 || other.Pyramid.Length == 0);
    }

    /// <summary>Reads a file's header; null where it is no DICOM file, can't be read, or is damaged.</summary>
    public static DicomHeader? TryRead(string path)
    {
        try
        {
            using var handle = RegularFile.OpenHandle(path);
            Span<byte> start = stackalloc byte[132];
            if (RandomAccess.Read(handle, start, 0) < start.Length || !DicomReader.IsDicom(start))
            {
                return null;
            }

            return new DicomHeader(path, new DicomReader(handle) { StopBefore = DicomTag.SharedGroups }.ReadFile());
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>
    /// The third value of ImageType says what a whole-slide picture shows (PS3.3 C.8.12.4.1.1). Some writers leave it out: then it is the tissue, unless the
    /// label is said to be in the picture.
    /// </summary>
    private static DicomImageKind KindOf(DicomDataSet elements)
    {
        if (elements.Text(DicomTag.MediaStorageSopClass) == DirectoryClass)
        {
            return DicomImageKind.Directory;
        }

        if (elements.Text(DicomTag.SopClass) != WholeSlideClass)
        {
            return DicomImageKind.Other;
        }

        return elements.Texts(DicomTag.ImageType) is [_, _, var shown, ..] ? shown.ToUpperInvariant() switch
        {
            "LABEL" => DicomImageKind.Label,
            "OVERVIEW" => DicomImageKind.Overview,
            "THUMBNAIL" => DicomImageKind.Thumbnail,
            "LOCALIZER" => DicomImageKind.Localizer,
            _ => DicomImageKind.Volume,
        } : elements.Text(DicomTag.SpecimenLabelInImage) == "YES" ? DicomImageKind.Overview : DicomImageKind.Volume;
    }
}
