using HoverFast.Output.Dicom;
using HoverFast.Slides;

namespace HoverFast.Tests.Output.Dicom;

/// <summary>A slide to annotate.</summary>
internal static class TestAnnotations
{
    public static AnnotatedSlide Slide() => new()
    {
        Path = "/slides/slide.svs",
        Fingerprint = "abc",
        Key = "def",
        Size = new PixelSize(100_000, 80_000),
        Model = "student",
        ModelVersion = "7",
        ModelSha256 = "0123456789abcdef",
        Program = "1.0",
    };
}
