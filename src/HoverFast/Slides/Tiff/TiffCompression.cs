namespace HoverFast.Slides.Tiff;

/// <summary>The compressions of the TIFF family, by the number in the file.</summary>
internal enum TiffCompression
{
    /// <summary>None.</summary>
    None = 1,

    /// <summary>Lempel-Ziv-Welch.</summary>
    Lzw = 5,

    /// <summary>JPEG as TIFF 6.0 defined it and nobody should write it.</summary>
    OldJpeg = 6,

    /// <summary>JPEG (technical note 2).</summary>
    Jpeg = 7,

    /// <summary>Deflate, Adobe's number.</summary>
    AdobeDeflate = 8,

    /// <summary>Byte runs.</summary>
    PackBits = 32773,

    /// <summary>Deflate, the old number.</summary>
    Deflate = 32946,

    /// <summary>JPEG 2000 of Aperio, components Y, Cb, Cr.</summary>
    AperioJpeg2000YCbCr = 33003,

    /// <summary>JPEG 2000 of libvips.</summary>
    VipsJpeg2000 = 33004,

    /// <summary>JPEG 2000 of Aperio, components R, G, B.</summary>
    AperioJpeg2000Rgb = 33005,

    /// <summary>JPEG 2000.</summary>
    Jpeg2000 = 34712,

    /// <summary>Zstandard.</summary>
    Zstandard = 50000,

    /// <summary>WebP.</summary>
    WebP = 50001,
}
