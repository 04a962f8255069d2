namespace HoverFast.Slides.Tiff;

/// <summary>Makes a slide of a TIFF: finds which pages are levels of the same picture, whatever program wrote it.</summary>
internal static class TiffSlide
{
    private const int MostLevels = 32;

    /// <summary>Opens a TIFF, SVS or OME-TIFF file.</summary>
    /// <exception cref="SlideException">The file is damaged or stored in a way that isn't known.</exception>
    public static ISlide Open(string path)
    {
        var file = TiffFile.Open(path);
        try
        {
            return Open(file);
        }
        catch (Exception e)
        {
            file.Dispose();
            if (e is InvalidDataException or NotSupportedException or IOException)
            {
                throw new SlideException(path, $"the TIFF can't be read: {e.Message}", e);
            }

            throw;
        }
    }

    private static TiledSlide Open(TiffFile file)
    {
        var first = file.Directories[0];
        var description = first.Text(TiffTag.ImageDescription);
        var full = new TiffImage(file, first);
        if (TiffCalibration.IsPhilips(description))
        {
            return OpenPhilips(file, full);
        }

        var levels = new List<TiffImage> { full };
        string format;
        if (description.StartsWith("Aperio", StringComparison.Ordinal))
        {
            // The pages in strips are thumbnail, label and macro.
            format = "Aperio SVS";
            AddLevels(file, file.Directories.Skip(1), levels, mustBeTiled: full.IsTiled);
        }
        else
        {
            var isOme = OmeXml.IsOme(description);
            format = isOme ? "OME-TIFF" : file.IsBig ? "BigTIFF" : "TIFF";
            AddLevels(file, SubDirectories(file, first), levels, mustBeTiled: false);
            if (!isOme)
            {
                AddLevels(file, file.Directories.Skip(1), levels, mustBeTiled: full.IsTiled);
            }
        }

        return new TiledSlide(file.Path, format, levels, TiffCalibration.Find(first), file);
    }

    /// <summary>
    /// Philips fills every level up to whole tiles, so that the levels' sizes don't tell how they relate: each tiled page is half the one before.
    /// </summary>
    private static TiledSlide OpenPhilips(TiffFile file, TiffImage full)
    {
        var levels = new List<TiffImage> { full };
        var downsamples = new List<double> { 1 };
        foreach (var page in file.Directories.Skip(1).Where(p => p.Has(TiffTag.TileWidth)).Take(MostLevels))
        {
            var level = new TiffImage(file, page);
            var factor = downsamples[^1] * 2;
            var (surplusX, surplusY) = (level.Size.Width - (full.Size.Width / factor), level.Size.Height - (full.Size.Height / factor));
            if (surplusX < -1 || surplusY < -1 || surplusX > level.TileSize.Width || surplusY > level.TileSize.Height)
            {
                break;
            }

            levels.Add(level);
            downsamples.Add(factor);
        }

        return new TiledSlide(file.Path, "Philips TIFF", levels, TiffCalibration.Find(file.Directories[0]), file, downsamples);
    }

    private static IEnumerable<TiffDirectory> SubDirectories(TiffFile file, TiffDirectory page) =>
        page.Numbers(TiffTag.SubIfds, MostLevels).Select(file.ReadDirectory);

    /// <summary>
    /// Adds the pages that are the first one made smaller: the same shape and kind of pixels, each smaller than the one before.
    /// Others (thumbnails, labels, further channels or planes) are left out, and so are damaged ones: they aren't needed.
    /// </summary>
    private static void AddLevels(TiffFile file, IEnumerable<TiffDirectory> pages, List<TiffImage> levels, bool mustBeTiled)
    {
        foreach (var page in pages)
        {
            if (levels.Count == MostLevels)
            {
                return;
            }

            TiffImage level;
            try
            {
                level = new TiffImage(file, page);
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException)
            {
                continue;
            }

            var full = levels[0];
            if (level.Samples == full.Samples && (level.IsTiled || !mustBeTiled) && level.Size.Width < levels[^1].Size.Width && IsSmaller(full.Size, level.Size))
            {
                levels.Add(level);
            }
        }
    }

    /// <summary>Whether a size is another one divided by a factor, give or take the pixels that rounding at every step costs.</summary>
    private static bool IsSmaller(PixelSize full, PixelSize level)
    {
        var factor = Math.Sqrt((double)full.Area / level.Area);
        return factor >= 1.2
            && Math.Abs(level.Width - (full.Width / factor)) <= 2 + (0.005 * level.Width)
            && Math.Abs(level.Height - (full.Height / factor)) <= 2 + (0.005 * level.Height);
    }
}
