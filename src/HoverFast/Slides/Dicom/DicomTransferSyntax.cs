namespace HoverFast.Slides.Dicom;

/// <summary>Transfer syntaxes (PS3.5 section 10): how a data set and its pixels are written.</summary>
internal static class DicomTransferSyntax
{
    public const string ImplicitLittleEndian = "1.2.840.10008.1.2";
    public const string ExplicitLittleEndian = "1.2.840.10008.1.2.1";
    public const string Deflated = "1.2.840.10008.1.2.1.99";
    public const string BigEndian = "1.2.840.10008.1.2.2";
    public const string JpegBaseline = "1.2.840.10008.1.2.4.50";
    public const string Jpeg2000Lossless = "1.2.840.10008.1.2.4.90";
    public const string Jpeg2000 = "1.2.840.10008.1.2.4.91";

    /// <summary>The name by which people know it, with its identifier.</summary>
    public static string Describe(string syntax)
    {
        var name = syntax switch
        {
            Deflated => "deflated explicit little endian",
            BigEndian => "explicit big endian",
            "1.2.840.10008.1.2.4.51" => "JPEG extended (12 bits)",
            "1.2.840.10008.1.2.4.57" or "1.2.840.10008.1.2.4.70" => "JPEG lossless",
            "1.2.840.10008.1.2.4.80" or "1.2.840.10008.1.2.4.81" => "JPEG-LS",
            "1.2.840.10008.1.2.4.92" or "1.2.840.10008.1.2.4.93" => "JPEG 2000 part 2",
            "1.2.840.10008.1.2.4.110" or "1.2.840.10008.1.2.4.111" or "1.2.840.10008.1.2.4.112" => "JPEG XL",
            "1.2.840.10008.1.2.4.201" or "1.2.840.10008.1.2.4.202" or "1.2.840.10008.1.2.4.203" => "High-throughput JPEG 2000",
            "1.2.840.10008.1.2.5" => "RLE",
            _ when syntax.StartsWith("1.2.840.10008.1.2.4.10", StringComparison.Ordinal) => "video",
            _ => null,
        };
        return name is null ? $"\"{syntax}\"" : $"{name} ({syntax})";
    }
}
