using HoverFast.Slides;
using HoverFast.Slides.Dicom;

namespace HoverFast.Output.Dicom;

/// <summary>What annotations say of their slide and of how they came about.</summary>
internal sealed record AnnotatedSlide
{
    /// <summary>The slide's file, for messages.</summary>
    public required string Path { get; init; }

    /// <summary>Elements of the full-resolution image, where the slide is DICOM; null otherwise.</summary>
    public DicomDataSet? Image { get; init; }

    /// <summary>Hash of the slide.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>Hash of all that the result depends on.</summary>
    public required string Key { get; init; }

    /// <summary>Pixels of the slide's bounds, in which outlines are given.</summary>
    public required PixelSize Size { get; init; }

    /// <summary>The model's name.</summary>
    public required string Model { get; init; }

    /// <summary>Version of its weights.</summary>
    public required string ModelVersion { get; init; }

    /// <summary>Hash of its weights.</summary>
    public required string ModelSha256 { get; init; }

    /// <summary>Version of the program.</summary>
    public required string Program { get; init; }
}
