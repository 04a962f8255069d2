using HoverFast.Slides.Dicom;

namespace HoverFast.Output.Dicom;

/// <summary>
/// All of a Microscopy Bulk Simple Annotations object (PS3.3 section A.87) but its groups. Patient and study are those of a DICOM slide; another slide's
/// patient stays empty, and the identifiers of its study and image follow from its fingerprint.
/// </summary>
internal static class AnnotationsHeader
{
    /// <summary>The object's class: Microscopy Bulk Simple Annotations Storage.</summary>
    public const string SopClass = "1.2.840.10008.5.1.4.1.1.91.1";

    private const string WholeSlideClass = "1.2.840.10008.5.1.4.1.1.77.1.6";

    // The same slide shall give the same bytes, so the moment of writing can't be it: a DICOM slide's own date, or none known.
    private const string UnknownDate = "19700101";
    private const string UnknownTime = "000000";

    private static readonly DicomTag[] _needed =
    [
        DicomTag.PatientName, DicomTag.PatientId, DicomTag.PatientBirthDate, DicomTag.PatientSex,
        DicomTag.StudyDate, DicomTag.StudyTime, DicomTag.ReferringPhysician, DicomTag.StudyId, DicomTag.AccessionNumber,
    ];

    private static readonly DicomTag[] _further =
    [
        DicomTag.IssuerOfPatientId,
        DicomTag.IssuerOfPatientIdQualifiers,
        DicomTag.PatientIdentityRemoved,
        DicomTag.DeidentificationMethod,
        DicomTag.DeidentificationMethodCodes,
        DicomTag.PatientAge,
        DicomTag.IssuerOfAccessionNumber,
        DicomTag.StudyDescription,
        DicomTag.TimezoneOffset,
    ];

    /// <summary>Makes the elements.</summary>
    public static DicomDataSet Of(AnnotatedSlide slide)
    {
        var image = slide.Image ?? new DicomDataSet();
        var set = new DicomDataSet();
        set.Set(DicomTag.SopClass, SopClass);
        set.Set(DicomTag.SopInstance, DicomUid.From(slide.Key, "annotations"));
        foreach (var tag in _needed)
        {
            Copy(image, set, tag, evenIfMissing: true);
        }

        foreach (var tag in _further)
        {
            Copy(image, set, tag, evenIfMissing: false);
        }

        if (image.Text(DicomTag.CharacterSet) is { Length: > 0 } characters)
        {
            set.Set(DicomTag.CharacterSet, characters.Split('\\'));
        }

        set.Set(DicomTag.StudyInstance, Or(image.Text(DicomTag.StudyInstance), DicomUid.From(slide.Fingerprint, "study")));
        set.Set(DicomTag.Modality, "ANN");
        set.Set(DicomTag.SeriesInstance, DicomUid.From(slide.Key, "series"));
        set.Set(DicomTag.SeriesNumber, 1);

        // Which side of the body a slide is of isn't known: stated, but empty.
        set.Set(DicomTag.Laterality, string.Empty);
        set.Set(DicomTag.SeriesDescription, DicomText.Fit($"Nuclei of {System.IO.Path.GetFileName(slide.Path)}", 64));
        set.Set(DicomTag.Manufacturer, "HoverFast for .NET");
        set.Set(DicomTag.ModelName, DicomText.Fit(slide.Model, 64));
        set.Set(DicomTag.DeviceSerialNumber, slide.ModelSha256 is { Length: > 0 } hash ? hash[..Math.Min(64, hash.Length)] : "0");
        set.Set(DicomTag.SoftwareVersions, DicomText.Fit(slide.Program, 64));
        set.Set(DicomTag.InstanceNumber, 1);
        set.Set(DicomTag.ContentDate, Or(image.Text(DicomTag.ContentDate), Or(image.Text(DicomTag.StudyDate), UnknownDate)));
        set.Set(DicomTag.ContentTime, Or(image.Text(DicomTag.ContentTime), Or(image.Text(DicomTag.StudyTime), UnknownTime)));
        set.Set(DicomTag.ContentLabel, "NUCLEI");
        set.Set(DicomTag.ContentDescription, "Outlines of nuclei");
        set.Set(DicomTag.ContentCreator, string.Empty);
        set.Set(DicomTag.AnnotationCoordinateType, "2D");
        set.Set(DicomTag.PixelOrigin, "VOLUME");
        Refer(slide, image, set);
        return set;
    }

    /// <summary>Names the image that coordinates are pixels of: its total pixel matrix.</summary>
    private static void Refer(AnnotatedSlide slide, DicomDataSet image, DicomDataSet set)
    {
        var reference = new DicomDataSet();
        reference.Set(DicomTag.ReferencedSopClass, Or(image.Text(DicomTag.SopClass), WholeSlideClass));

        // A part of a concatenation is referred to by the whole (PS3.3 section C.37.1.2.1.1).
        reference.Set(
            DicomTag.ReferencedSopInstance,
            Or(image.Text(DicomTag.ConcatenationSource), Or(image.Text(DicomTag.SopInstance), DicomUid.From(slide.Fingerprint, "image"))));
        set.Set(DicomTag.ReferencedImages, [reference]);
        var series = new DicomDataSet();
        series.Set(DicomTag.SeriesInstance, Or(image.Text(DicomTag.SeriesInstance), DicomUid.From(slide.Fingerprint, "image series")));
        series.Set(DicomTag.ReferencedInstances, [reference]);
        set.Set(DicomTag.ReferencedSeries, [series]);
    }

    private static void Copy(DicomDataSet from, DicomDataSet to, DicomTag tag, bool evenIfMissing)
    {
        if (from[tag] is { Offset: null } element)
        {
            to.Set(element.Items is null ? DicomElement.Of(tag, tag.Vr, element.Bytes) : element);
        }
        else if (evenIfMissing)
        {
            to.Set(tag, string.Empty);
        }
    }

    private static string Or(string text, string otherwise) => text.Length > 0 ? text : otherwise;
}
