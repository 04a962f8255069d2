using HoverFast.Slides.Tiff;

namespace HoverFast.Slides.OpenSlide;

/// <summary>Recognises the files that are left to OpenSlide.</summary>
internal static class OpenSlideFormats
{
    /// <summary>Pages whose metadata are looked at; slides of Ventana have about a dozen.</summary>
    private const int MostPages = 64;

    /// <summary>The format in words, or null for files that this program reads itself.</summary>
    /// <param name="path">Its ending helps where the content alone says too little.</param>
    /// <param name="start">The file's first bytes.</param>
    public static string? Recognise(string path, ReadOnlySpan<byte> start)
    {
        var ending = System.IO.Path.GetExtension(path).ToUpperInvariant();
        if (TiffFile.IsTiff(start))
        {
            if (ending == ".VSI")
            {
                throw new SlideException(
                    path,
                    "an Olympus VSI file holds only overviews; the slide lies in the folder beside it in a format that isn't read. "
                        + "Convert it, for example with: bfconvert -series 0 IN.vsi OUT.ome.tif");
            }

            return NdpiHeader.IsNdpi(path) ? "Hamamatsu NDPI" : RecogniseTiff(path);
        }

        return ending switch
        {
            ".MRXS" => "MIRAX (MRXS)",
            ".VMS" when start.StartsWith("[Virtual Microscope"u8) => "Hamamatsu VMS",
            ".VMU" when start.StartsWith("[Uncompressed Virtual Microscope"u8) => "Hamamatsu VMU",
            ".SVSLIDE" when start.StartsWith("SQLite format 3"u8) => "Sakura SVSlide",
            ".CZI" when start.StartsWith("ZISRAWFILE"u8) => "Zeiss CZI",
            _ => null,
        };
    }

    private static string? RecogniseTiff(string path)
    {
        using var file = TiffFile.Open(path);
        var kind = KindOf(file);
        if (kind is not null)
        {
            CheckTiles(file);
        }

        return kind;
    }

    /// <summary>OpenSlide takes the memory that a tile states, or ends the program.</summary>
    private static void CheckTiles(TiffFile file)
    {
        const int Argb = 4;
        try
        {
            foreach (var page in file.Directories.Where(d => d.Has(TiffTag.TileWidth)))
            {
                var size = new PixelSize(ReadingLimits.Side(page.Number(TiffTag.TileWidth, 0)), ReadingLimits.Side(page.Number(TiffTag.TileLength, 0)));
                ReadingLimits.CheckTile(size, Argb, file.Length);
            }
        }
        catch (InvalidDataException e)
        {
            throw new SlideException(file.Path, $"the TIFF can't be read: {e.Message}", e);
        }
    }

    private static string? KindOf(TiffFile file)
    {
        var first = file.Directories[0];
        try
        {
            if (first.Text(TiffTag.ImageDescription).Contains("http://www.leica-microsystems.com/scn/", StringComparison.Ordinal))
            {
                return "Leica SCN";
            }

            // Its tiles overlap: side by side they would show strips of tissue twice.
            if (first.Text(TiffTag.Software).StartsWith("MedScan", StringComparison.Ordinal) && first.Has(TiffTag.TileWidth))
            {
                return "Trestle";
            }

            if (file.Directories.Take(MostPages).Any(d => d.Text(TiffTag.Xmp).Contains("<iScan", StringComparison.Ordinal)))
            {
                return "Ventana BIF";
            }
        }
        catch (InvalidDataException)
        {
            // A damaged text: the TIFF reader will say so if it matters.
        }

        return null;
    }
}
