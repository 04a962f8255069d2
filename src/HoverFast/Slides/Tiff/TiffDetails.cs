namespace HoverFast.Slides.Tiff;

/// <summary>Finds what a TIFF states beside its pixels.</summary>
internal static class TiffDetails
{
    private const int MostAssociated = 32;
    private const int LongestProfile = 16 << 20;

    /// <summary>The details of a slide.</summary>
    /// <param name="file">The file.</param>
    /// <param name="page">The page of full resolution.</param>
    /// <param name="levels">What is read of the file.</param>
    /// <param name="ome">The OME picture, if it is one.</param>
    public static SlideDetails Of(TiffFile file, TiffDirectory page, IReadOnlyList<TiffImage> levels, OmePicture? ome = null)
    {
        var description = Try(() => page.Text(TiffTag.ImageDescription)) ?? string.Empty;
        var notes = new List<string>();
        if (levels[0].Bits == 16 && levels[0].UsedBits < 16)
        {
            notes.Add($"Its 16-bit samples use {levels[0].UsedBits} bits and are scaled by those.");
        }

        if (levels[0].IsGray && ome is { SizeC: 3 })
        {
            notes.Add("Three channels of one shade each are read as red, green and blue.");
        }

        if (Try(() => page.Number(TiffTag.Orientation, 1)) is > 1 and var orientation)
        {
            notes.Add($"Its orientation tag ({orientation}) is not followed, as other viewers of slides don't.");
        }

        if (file.IsCutOff)
        {
            notes.Add("The list of pages ends in a damaged one; those before it are read.");
        }

        return new SlideDetails
        {
            Scanner = ScannerOf(page, description),
            Magnification = ome?.Magnification ?? FileNumber.Parse(TiffCalibration.AperioValue(description, "AppMag")),
            Associated = [.. file.Directories.Where(d => !levels.Any(l => l.Directory == d)).Take(MostAssociated).Select(d => Describe(d, levels[0].Size))],
            ColourProfile = Profile(page),
            Notes = notes,
        };
    }

    /// <summary>Reads one of the pictures beside a slide.</summary>
    /// <param name="path">The TIFF file.</param>
    /// <param name="levels">Sizes of the slide's levels: the pages of these sizes are the slide itself.</param>
    /// <param name="picture">The picture, as the slide's details list it.</param>
    /// <returns>Null where the file has none of that name and size.</returns>
    /// <exception cref="SlideException">It is damaged, or stored in a way that isn't known.</exception>
    public static RgbImage? ReadAssociated(string path, IReadOnlyList<PixelSize> levels, AssociatedPicture picture)
    {
        using var file = TiffFile.Open(path);
        try
        {
            var page = file.Directories.FirstOrDefault(d => TiffPages.TrySize(d) is { } size && !levels.Contains(size) && Describe(d, levels[0]) == picture);
            if (page is null || picture.Size is not { } pixels || !ReadingLimits.MayHoldPicture(pixels, byRows: true, file.Length))
            {
                return null;
            }

            var image = new RgbImage(pixels.Width, pixels.Height);
            using var slide = new TiledSlide(path, "TIFF", [new TiffImage(file, page)], null, file);
            slide.Read(0, 1, slide.Bounds, image);
            return image;
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException or IOException)
        {
            throw new SlideException(path, $"the picture beside the slide can't be read: {e.Message}", e);
        }
    }

    private static string? ScannerOf(TiffDirectory page, string description)
    {
        var model = string.Join(
            ' ',
            new[] { Try(() => page.Text(TiffTag.Make)), Try(() => page.Text(TiffTag.Model)) }.Where(t => !string.IsNullOrWhiteSpace(t)).Select(t => t!.Trim()));
        if (description.StartsWith("Aperio", StringComparison.Ordinal))
        {
            var id = TiffCalibration.AperioValue(description, "ScanScope ID");
            var line = description.AsSpan(0, Math.Max(0, description.AsSpan().IndexOfAny('\r', '\n', '|'))).Trim().ToString();
            return id is null ? line : $"{line}, ScanScope {id}";
        }

        var software = Try(() => page.Text(TiffTag.Software))?.Trim();
        return model.Length > 0 ? model : string.IsNullOrEmpty(software) ? null : software;
    }

    private static AssociatedPicture Describe(TiffDirectory page, PixelSize full)
    {
        const double SameShape = 0.03;
        var size = TiffPages.TrySize(page);
        var isThumbnail = size is { } s && s.Area < full.Area && Math.Abs(((double)s.Width / s.Height / ((double)full.Width / full.Height)) - 1) < SameShape;
        var name = Try(() => page.Text(TiffTag.PageName)) is { Length: > 0 } stated
            ? stated
            : AssociatedImage.NameIn(Try(() => page.Text(TiffTag.ImageDescription)) ?? string.Empty) ?? (isThumbnail ? "thumbnail" : "other page");
        return new AssociatedPicture(name, size);
    }

    private static ReadOnlyMemory<byte>? Profile(TiffDirectory page)
    {
        var bytes = Try(() => page.Has(TiffTag.IccProfile) ? page.Raw(TiffTag.IccProfile, LongestProfile) : null);
        return bytes is { Length: > 0 } ? (ReadOnlyMemory<byte>?)bytes : null;
    }

    private static T? Try<T>(Func<T?> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException)
        {
            // What isn't needed may be damaged.
            return default;
        }
    }
}
