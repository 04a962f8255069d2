namespace HoverFast.Slides.Dicom;

/// <summary>One instance of a DICOM slide, from a file or a server: a level of it, or a part of one.</summary>
internal interface IDicomInstance
{
    /// <summary>Its file, or how a server calls it.</summary>
    string Name { get; }

    /// <summary>Its elements, those of the meta information among them; the per-frame functional groups are left out.</summary>
    DicomDataSet Elements { get; }

    /// <summary>The first frame's functional groups, or null.</summary>
    DicomDataSet? FirstGroup { get; }

    /// <summary>Each frame's place, where the instance states it for all.</summary>
    IReadOnlyList<DicomPlacement> Placements { get; }

    /// <summary>The frames; found when first asked for.</summary>
    /// <exception cref="InvalidDataException">They are damaged.</exception>
    IDicomFrames Frames { get; }
}
