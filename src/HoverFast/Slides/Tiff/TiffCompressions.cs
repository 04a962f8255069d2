namespace HoverFast.Slides.Tiff;

/// <summary>What compressions have in common.</summary>
internal static class TiffCompressions
{
    /// <summary>Whether it is JPEG 2000, whoever's number it has.</summary>
    public static bool IsJpeg2000(this TiffCompression compression) =>
        compression is TiffCompression.AperioJpeg2000Rgb or TiffCompression.AperioJpeg2000YCbCr or TiffCompression.Jpeg2000 or TiffCompression.VipsJpeg2000;

    /// <summary>
    /// Whether samples may be stored as differences (TIFF 6.0, section 14). With others the tag says nothing, as libtiff has it: some programs leave it when
    /// they unpack a file.
    /// </summary>
    public static bool TakesPredictor(this TiffCompression compression) =>
        compression is TiffCompression.Lzw or TiffCompression.AdobeDeflate or TiffCompression.Deflate or TiffCompression.Zstandard;
}
