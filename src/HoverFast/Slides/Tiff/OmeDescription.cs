using System.Globalization;
using System.Security;

namespace HoverFast.Slides.Tiff;

/// <summary>The OME-XML of images that are written: one plane a channel, each in a directory of its own.</summary>
internal static class OmeDescription
{
    private const string Schema = "http://www.openmicroscopy.org/Schemas/OME/2016-06";

    /// <summary>Makes the text; sizes of pixels are in um, OME's default.</summary>
    /// <param name="name">What the image is, without characters that XML keeps for itself.</param>
    /// <param name="type">OME's name for its numbers.</param>
    /// <param name="size">Pixels of full resolution.</param>
    /// <param name="mpp">Pixel size, or null.</param>
    /// <param name="channels">The channels' names in the order of the directories; null for one without.</param>
    public static string Of(string name, string type, PixelSize size, Mpp? mpp, IReadOnlyList<string?> channels)
    {
        var physical = mpp is { } known
            ? string.Create(CultureInfo.InvariantCulture, $" PhysicalSizeX=\"{known.MicronsPerPixel:R}\" PhysicalSizeY=\"{known.MicronsPerPixel:R}\"")
            : "";
        var named = string.Concat(
            channels.Select((c, i) => string.Create(
                CultureInfo.InvariantCulture,
                $"<Channel ID=\"Channel:0:{i}\"{(c is null ? "" : $" Name=\"{SecurityElement.Escape(c)}\"")} SamplesPerPixel=\"1\"/>")));
        var planes = string.Concat(
            channels.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"<TiffData{(i == 0 ? "" : $" FirstC=\"{i}\"")} IFD=\"{i}\" PlaneCount=\"1\"/>")));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"""
            <?xml version="1.0" encoding="UTF-8"?><OME xmlns="{Schema}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{Schema} {Schema}/ome.xsd" Creator="HoverFast for .NET"><Image ID="Image:0" Name="{name}"><Pixels ID="Pixels:0" DimensionOrder="XYCZT" Type="{type}" SizeX="{size.Width}" SizeY="{size.Height}" SizeC="{channels.Count}" SizeZ="1" SizeT="1" BigEndian="false"{physical}>{named}{planes}</Pixels></Image></OME>
            """);
    }
}
