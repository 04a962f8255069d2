using System.Globalization;
using System.Xml;

namespace HoverFast.Slides.Tiff;

/// <summary>Reads OME-XML, as the first page of an OME-TIFF holds it.</summary>
internal static class OmeXml
{
    private const int MostPictures = 1000;
    private const int MostPages = 1 << 16;

    /// <summary>Whether an image description is OME-XML.</summary>
    public static bool IsOme(string description) =>
        description.AsSpan(0, Math.Min(description.Length, 4000)).Contains("<OME", StringComparison.Ordinal);

    /// <summary>The pictures in order; those before the damage where the XML is damaged.</summary>
    public static IReadOnlyList<OmePicture> Pictures(string xml)
    {
        var pictures = new List<OmePicture>();
        var objectives = new Dictionary<string, double>(StringComparer.Ordinal);
        try
        {
            using var reader = XmlReader.Create(
                new StringReader(xml.TrimStart('\uFEFF', ' ', '\r', '\n', '\t')),
                new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            while (pictures.Count <= MostPictures && reader.Read())
            {
                if (reader.NodeType == XmlNodeType.Element)
                {
                    Take(reader, pictures, objectives);
                }
            }
        }
        catch (XmlException)
        {
            // Damaged XML states nothing more; the pixels may still be whole.
        }

        return pictures;
    }

    private static void Take(XmlReader reader, List<OmePicture> pictures, Dictionary<string, double> objectives)
    {
        switch (reader.LocalName)
        {
            case "Image":
                pictures.Add(new OmePicture { Name = reader.GetAttribute("Name") ?? string.Empty });
                return;
            case "Objective" when reader.GetAttribute("ID") is { } id && FileNumber.Parse(reader.GetAttribute("NominalMagnification")) is { } power:
                objectives[id] = power;
                return;
            case "Pixels" or "Channel" or "TiffData" or "UUID" or "ObjectiveSettings" when pictures.Count == 0:
                pictures.Add(new OmePicture());
                break;
        }

        if (pictures.Count == 0)
        {
            return;
        }

        var picture = pictures[^1];
        switch (reader.LocalName)
        {
            case "ObjectiveSettings":
                picture.Magnification = objectives.TryGetValue(reader.GetAttribute("ID") ?? string.Empty, out var magnification) ? magnification : null;
                break;
            case "Pixels":
                picture.SizeX = Whole(reader, "SizeX", 0);
                picture.SizeY = Whole(reader, "SizeY", 0);
                picture.SizeC = Whole(reader, "SizeC", 1);
                picture.SizeZ = Whole(reader, "SizeZ", 1);
                picture.SizeT = Whole(reader, "SizeT", 1);
                picture.Order = reader.GetAttribute("DimensionOrder") ?? picture.Order;
                picture.PhysicalSizeX = Length(reader, "PhysicalSizeX");
                picture.PhysicalSizeY = Length(reader, "PhysicalSizeY");
                break;
            case "Channel" when picture.Channels.Count < MostPictures:
                picture.Channels.Add(reader.GetAttribute("Name") ?? reader.GetAttribute("Fluor") ?? string.Empty);
                break;
            case "TiffData" when picture.Pages.Count < MostPages && Whole(reader, "FirstZ", 0) == 0 && Whole(reader, "FirstT", 0) == 0:
                picture.Pages.Add((Whole(reader, "FirstC", 0), Whole(reader, "IFD", 0)));
                break;
            case "UUID" when reader.GetAttribute("FileName") is not null && reader.Depth > 1:
                // Only of use together with other names: the first file names itself too.
                picture.Files.Add(reader.GetAttribute("FileName")!);
                break;
        }
    }

    private static int Whole(XmlReader reader, string attribute, int fallback) =>
        int.TryParse(reader.GetAttribute(attribute), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) && value >= 0 ? value : fallback;

    private static double? Length(XmlReader reader, string attribute)
    {
        var unit = reader.GetAttribute(attribute + "Unit");
        return FileNumber.Parse(reader.GetAttribute(attribute)) * (unit is null ? 1 : LengthUnit.Microns(unit));
    }
}
