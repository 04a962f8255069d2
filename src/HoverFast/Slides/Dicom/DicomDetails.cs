namespace HoverFast.Slides.Dicom;

/// <summary>Finds what a DICOM slide states beside its pixels.</summary>
internal static class DicomDetails
{
    /// <summary>The details of the finest level.</summary>
    public static SlideDetails Of(DicomLevel level)
    {
        var elements = level.Elements;
        var paths = elements.Items(DicomTag.OpticalPathSequence);
        var path = level.Paths.Chosen < paths.Count ? paths[level.Paths.Chosen] : null;
        var scanner = $"{elements.Text(DicomTag.Manufacturer)} {elements.Text(DicomTag.ModelName)}".Trim();
        var profile = (path?[DicomTag.IccProfile] ?? elements[DicomTag.IccProfile])?.Bytes ?? default;
        return new SlideDetails
        {
            Scanner = scanner.Length > 0 ? scanner : null,
            Magnification = path?.Numbers(DicomTag.ObjectiveLensPower) is [var power, ..] ? power : null,
            ColourProfile = profile.IsEmpty ? null : profile,
        };
    }
}
