namespace HoverFast.Slides.Dicom;

/// <summary>What a DICOM file shows.</summary>
internal enum DicomImageKind
{
    /// <summary>The tissue: a level of the slide, or a part of one.</summary>
    Volume,

    /// <summary>The slide's paper label.</summary>
    Label,

    /// <summary>The whole glass, photographed at low power.</summary>
    Overview,

    /// <summary>A small picture of the tissue.</summary>
    Thumbnail,

    /// <summary>Pictures of several regions, to find one's way.</summary>
    Localizer,

    /// <summary>A list of files on a medium (DICOMDIR).</summary>
    Directory,

    /// <summary>No picture of a slide: another kind of image, annotations, reports.</summary>
    Other,
}
