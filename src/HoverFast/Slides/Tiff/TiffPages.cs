namespace HoverFast.Slides.Tiff;

/// <summary>Which of a TIFF's pages is the slide, where several pictures follow each other.</summary>
internal static class TiffPages
{
    private const int ReducedBit = 1;
    private const int OldReduced = 2;

    /// <summary>The page with the most pixels that isn't a reduced picture, a label or a macro; the first of several as large.</summary>
    public static int Main(TiffFile file)
    {
        var best = -1;
        for (var i = 0; i < file.Directories.Count; i++)
        {
            var page = file.Directories[i];
            if (!IsReduced(page) && !IsAssociated(page) && AreaOf(page) > (best < 0 ? 0 : AreaOf(file.Directories[best])))
            {
                best = i;
            }
        }

        return best >= 0 ? best : file.Directories.Index().MaxBy(p => AreaOf(p.Item)).Index;
    }

    /// <summary>
    /// The pages of red, green and blue where a gray page is one channel of several, by ImageJ's own words; null where it stands alone.
    /// </summary>
    /// <exception cref="NotSupportedException">There are several gray pictures of one size, and nothing says that they are red, green and blue.</exception>
    public static List<int>? Channels(TiffFile file, int main, TiffImage full)
    {
        const int Rgb = 3;
        var same = Enumerable
            .Range(main, file.Directories.Count - main)
            .Where(i => TrySize(file.Directories[i]) == full.Size && !IsReduced(file.Directories[i]))
            .ToList();
        var imageJ = new ImageJDescription(file.Directories[main].Text(TiffTag.ImageDescription));
        if (same.Count <= 1 && !(imageJ.Images > 1))
        {
            return null;
        }

        if (imageJ.Channels == Rgb && imageJ.Images == Rgb && same.Count == Rgb && imageJ.Mode is "" or "composite" or "color" && full.Bits == 8)
        {
            return same;
        }

        throw new NotSupportedException(
            $"It holds {Math.Max(same.Count, imageJ.Images)} gray pictures of one size (channels, or planes of a stack), not one in colour. Save the one to look at as RGB.");
    }

    /// <summary>Pixels of a page; 0 where it states no size.</summary>
    public static long AreaOf(TiffDirectory page) => TrySize(page)?.Area ?? 0;

    /// <summary>A page's size, or null.</summary>
    public static PixelSize? TrySize(TiffDirectory page)
    {
        try
        {
            return TiffImage.SizeOf(page);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static bool IsReduced(TiffDirectory page) =>
        (TryNumber(page, TiffTag.NewSubfileType) & ReducedBit) != 0 || TryNumber(page, TiffTag.SubfileType) == OldReduced;

    private static bool IsAssociated(TiffDirectory page)
    {
        try
        {
            return AssociatedImage.IsName(page.Text(TiffTag.PageName)) || AssociatedImage.IsDescription(page.Text(TiffTag.ImageDescription));
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }

    private static long TryNumber(TiffDirectory page, ushort tag)
    {
        try
        {
            return page.Number(tag, 0);
        }
        catch (InvalidDataException)
        {
            return 0;
        }
    }
}
