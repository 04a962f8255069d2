using System.Globalization;
using System.Xml;

namespace HoverFast.Slides.Tiff;

/// <summary>What an OME-TIFF says about its first picture.</summary>
internal static class OmeXml
{
    /// <summary>Whether an image description is OME-XML.</summary>
    public static bool IsOme(string description) =>
        description.AsSpan(0, Math.Min(description.Length, 4000)).Contains("<OME", StringComparison.Ordinal);

    /// <summary>PhysicalSizeX of the first picture in microns; null where it is missing or the XML is damaged.</summary>
    public static double? Calibration(string xml)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            while (reader.Read())
            {
                if (reader.NodeType == XmlNodeType.Element && reader.LocalName == "Pixels")
                {
                    return double.TryParse(reader.GetAttribute("PhysicalSizeX"), CultureInfo.InvariantCulture, out var size)
                        ? size * MicronsIn(reader.GetAttribute("PhysicalSizeXUnit"))
                        : null;
                }
            }
        }
        catch (XmlException)
        {
            // Damaged XML states nothing; the pixels may still be whole.
        }

        return null;
    }

    private static double? MicronsIn(string? unit) => unit switch
    {
        null or "\u00B5m" or "\u03BCm" or "um" or "micron" => 1,
        "nm" => 1e-3,
        "mm" => 1e3,
        "cm" => 1e4,
        "m" => 1e6,
        _ => null,
    };
}
