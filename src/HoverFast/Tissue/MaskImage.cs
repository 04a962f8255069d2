using HoverFast.Slides;

namespace HoverFast.Tissue;

/// <summary>
/// Tissue masks that other programs made: one picture per slide, of any scale, 0 where there is no tissue. Above 0 is tissue, so masks of 0 and 1, of 0 and
/// 255, of 16 bits and of numbered regions all do; JPEG blurs values, so there half of the largest parts them.
/// </summary>
internal static class MaskImage
{
    private static readonly string[] _extensions = [".png", ".tif", ".tiff", ".jpg", ".jpeg"];

    /// <summary>Finds the mask of a slide in a folder.</summary>
    /// <param name="folder">Holds masks, directly or in one folder per slide (HistoQC's layout).</param>
    /// <param name="slidePath">The slide; masks are called after it, with or without its extension, and with or without "_mask" or "_mask_use".</param>
    /// <returns>The mask's path, or null where there is none.</returns>
    /// <exception cref="SlideException">The folder does not exist.</exception>
    public static string? Find(string folder, string slidePath)
    {
        if (!Directory.Exists(folder))
        {
            throw new SlideException(folder, "is no folder of mask pictures.");
        }

        var file = Path.GetFileName(slidePath);
        var stem = NameFor(slidePath);
        string[] stems = [file, stem, file + "_mask_use", stem + "_mask_use", file + "_mask", stem + "_mask"];
        foreach (var place in (string[])[folder, Path.Combine(folder, file), Path.Combine(folder, stem)])
        {
            var found = stems
                .SelectMany(name => _extensions.Select(e => Path.Combine(place, name + e)))
                .FirstOrDefault(p => File.Exists(p) && !IsSame(p, slidePath))
                ?? FindInAnyCase(place, stems, slidePath);
            if (found is not null)
            {
                return found;
            }
        }

        return null;
    }

    /// <summary>What a slide's mask is called, without the mask's extension.</summary>
    internal static string NameFor(string slidePath)
    {
        // The last number of a DICOM UID is no extension: its mask would be taken for other slides too.
        var extension = Path.GetExtension(slidePath.AsSpan());
        return extension.Length > 1 && !extension[1..].ContainsAnyExceptInRange('0', '9')
            ? Path.GetFileName(slidePath)
            : Path.GetFileNameWithoutExtension(slidePath);
    }

    /// <summary>Reads a mask picture.</summary>
    /// <param name="path">A PNG, TIFF, JPEG, BMP, GIF or WebP.</param>
    /// <param name="slide">Level-0 pixels of the slide.</param>
    /// <param name="bounds">The part of level 0 that holds the scan. A mask covers level 0, as HistoQC makes it, or the bounds, as HoverFast's -b takes it: its
    /// shape tells which.</param>
    /// <param name="slideMpp">Pixel size of level 0.</param>
    /// <exception cref="SlideException">The picture can't be read, or its shape is not the slide's.</exception>
    public static TissueMask Read(string path, PixelSize slide, PixelRect bounds, Mpp slideMpp)
    {
        var picture = MaskPicture.Read(path);
        var whole = new PixelRect(0, 0, slide.Width, slide.Height);
        var rounding = (2.0 / Math.Min(picture.Pixels.Width, picture.Pixels.Height)) + 0.02;
        var (ofWhole, ofBounds) = (Misfit(picture.Pixels, whole), Misfit(picture.Pixels, bounds));
        if (Math.Min(ofWhole, ofBounds) > rounding)
        {
            throw new SlideException(
                path,
                $"this mask of {picture.Pixels.Width} x {picture.Pixels.Height} has not the shape of its slide ({slide}); masks must cover the whole slide.");
        }

        // A pixel lost in rounding explains a misfit as well.
        var coversWhole = ofWhole <= Math.Max(ofBounds, 1.5 / Math.Min(picture.Pixels.Width, picture.Pixels.Height));
        var covered = coversWhole ? whole : bounds;
        var um = slideMpp.MicronsPerPixel;
        var source = $"mask {Path.GetFileName(path)}{(coversWhole ? string.Empty : " of the slide's bounds")}";
        var mask = new TissueMask(
            picture.Size.Width,
            picture.Size.Height,
            picture.Tissue(),
            covered.Width * um / (picture.Pixels.Width * picture.CellsPerPixel),
            covered.Height * um / (picture.Pixels.Height * picture.CellsPerPixel),
            source);
        return (covered.X, covered.Y) == (0, 0) ? mask : mask.Moved(covered.X * um, covered.Y * um);
    }

    /// <summary>How far a picture's shape is from that of a rectangle, as a share.</summary>
    private static double Misfit(PixelSize picture, PixelRect rect) =>
        Math.Abs(((double)picture.Width / picture.Height / ((double)rect.Width / rect.Height)) - 1);

    private static string? FindInAnyCase(string place, string[] stems, string slidePath)
    {
        if (!Directory.Exists(place))
        {
            return null;
        }

        var files = Directory.EnumerateFiles(place)
            .Where(f => stems.Contains(Path.GetFileNameWithoutExtension(f), StringComparer.Ordinal) && !IsSame(f, slidePath))
            .Order(StringComparer.Ordinal)
            .ToLookup(f => Path.GetExtension(f), StringComparer.OrdinalIgnoreCase);
        return _extensions.SelectMany(e => files[e]).MinBy(f => Array.IndexOf(stems, Path.GetFileNameWithoutExtension(f)));
    }

    private static bool IsSame(string path, string other) => string.Equals(Path.GetFullPath(path), Path.GetFullPath(other), StringComparison.Ordinal);
}
