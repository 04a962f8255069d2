namespace HoverFast.Slides.Tiff;

/// <summary>What OME-XML states about one of a file's pictures.</summary>
internal sealed class OmePicture
{
    /// <summary>The Image element's name, for example "macro image"; or empty.</summary>
    public string Name { get; init; } = string.Empty;

    /// <summary>Pixels in a row; 0 where it isn't stated.</summary>
    public int SizeX { get; set; }

    /// <summary>Rows; 0 where it isn't stated.</summary>
    public int SizeY { get; set; }

    /// <summary>Channels, samples of one pixel included (an RGB picture has 3).</summary>
    public int SizeC { get; set; } = 1;

    /// <summary>Focal planes.</summary>
    public int SizeZ { get; set; } = 1;

    /// <summary>Points in time.</summary>
    public int SizeT { get; set; } = 1;

    /// <summary>The order of planes, for example "XYCZT".</summary>
    public string Order { get; set; } = "XYCZT";

    /// <summary>Pixel size in microns; null where it is missing or of no known unit.</summary>
    public double? PhysicalSizeX { get; set; }

    /// <summary>The same, downwards.</summary>
    public double? PhysicalSizeY { get; set; }

    /// <summary>The objective's nominal power, or null.</summary>
    public double? Magnification { get; set; }

    /// <summary>The channels' names, empty where they have none.</summary>
    public List<string> Channels { get; } = [];

    /// <summary>Where planes lie: page of the file for a channel of the first focal plane and point in time.</summary>
    public List<(int Channel, int Page)> Pages { get; } = [];

    /// <summary>The files that hold its planes, where the XML names them; one means that all lie in this file.</summary>
    public HashSet<string> Files { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether its name is that of a picture beside the slide.</summary>
    public bool IsAssociated => AssociatedImage.IsName(Name);

    /// <summary>The page that holds a channel.</summary>
    /// <param name="channel">0 the first.</param>
    /// <param name="first">The picture's first page where the XML tells no pages.</param>
    public int PageOf(int channel, int first)
    {
        foreach (var (c, page) in Pages)
        {
            if (c == channel)
            {
                return page;
            }
        }

        var step = 1;
        foreach (var dimension in Order.AsSpan(Math.Min(2, Order.Length)))
        {
            if (dimension == 'C')
            {
                break;
            }

            step *= dimension == 'Z' ? SizeZ : SizeT;
        }

        return (Pages.Count > 0 ? Pages[0].Page : first) + (channel * step);
    }
}
