namespace HoverFast.Slides.Tiff;

/// <summary>Makes a slide of a TIFF: finds which pages are levels of the same picture, whatever program wrote it.</summary>
internal static class TiffSlide
{
    private const int MostLevels = 32;

    /// <summary>Opens a TIFF, SVS or OME-TIFF file.</summary>
    /// <exception cref="SlideException">The file is damaged or stored in a way that isn't known.</exception>
    public static ISlide Open(string path) => Open(path, Open);

    /// <summary>
    /// Opens a TIFF whose values are a mask's: 16-bit samples above 255 become 255, so that nothing above 0 becomes 0; tiles that the file lacks are 0.
    /// </summary>
    /// <exception cref="SlideException">The file is damaged or stored in a way that isn't known.</exception>
    public static TiledSlide OpenMask(string path) => Open(path, file =>
    {
        var page = file.Directories[TiffPages.Main(file)];
        var levels = new List<TiffImage> { new(file, page) };
        AddLevels(file, SubDirectories(file, page).Concat(file.Directories), levels, mustBeTiled: levels[0].IsTiled);
        levels.ForEach(l => (l.UsedBits, l.IsMask) = (8, true));
        return new TiledSlide(path, "TIFF", levels, null, file)
        {
            IsLossy = levels[0].Compression == TiffCompression.Jpeg || levels[0].IsJpeg2000,
            Absent = 0,
        };
    });

    private static TiledSlide Open(string path, Func<TiffFile, TiledSlide> make)
    {
        var file = TiffFile.Open(path);
        try
        {
            return make(file);
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
        var description = file.Directories[0].Text(TiffTag.ImageDescription);
        if (TiffCalibration.IsPhilips(description))
        {
            return OpenPhilips(file, new TiffImage(file, file.Directories[0]));
        }

        if (description.StartsWith("Aperio", StringComparison.Ordinal))
        {
            // The pages in strips are thumbnail, label and macro.
            var baseline = new TiffImage(file, file.Directories[0]);
            var levels = new List<TiffImage> { baseline };
            AddLevels(file, file.Directories.Skip(1), levels, mustBeTiled: baseline.IsTiled);
            return Make(file, "Aperio SVS", levels, TiffCalibration.Find(file.Directories[0], description), null);
        }

        return OmeXml.IsOme(description) ? OpenOme(file, description) : OpenPages(file, file.IsBig ? "BigTIFF" : "TIFF", TiffPages.Main(file));
    }

    private static TiledSlide Make(TiffFile file, string format, IReadOnlyList<TiffImage> levels, SlideCalibration? calibration, OmePicture? ome)
    {
        TiffSampleRange.Settle(levels);
        return new TiledSlide(file.Path, format, levels, calibration, file) { Details = TiffDetails.Of(file, levels[0].Directory, levels, ome) };
    }

    /// <summary>Levels follow each other as pages, or are nested under the first.</summary>
    private static TiledSlide OpenPages(TiffFile file, string format, int main)
    {
        var page = file.Directories[main];
        var full = new TiffImage(file, page);
        var description = page.Text(TiffTag.ImageDescription);
        if (full.IsGray && TiffPages.Channels(file, main, full) is { } channels)
        {
            return MakePlanes(file, format, channels.ConvertAll(p => file.Directories[p]), TiffCalibration.Find(page, description), null);
        }

        var levels = new List<TiffImage> { full };
        AddLevels(file, SubDirectories(file, page), levels, mustBeTiled: false);
        var others = file.Directories.Skip(main + 1);
        if (main > 0)
        {
            // Pages before the largest may be its smaller selves, the smallest first.
            others = others.Concat(file.Directories.Take(main)).OrderByDescending(p => TiffPages.AreaOf(p));
        }

        AddLevels(file, others, levels, mustBeTiled: full.IsTiled);
        return Make(file, format, levels, TiffCalibration.Find(page, description), null);
    }

    private static TiledSlide OpenOme(TiffFile file, string xml)
    {
        var pictures = OmeXml.Pictures(xml);
        var picture = pictures
            .Where(p => !p.IsAssociated)
            .DefaultIfEmpty(pictures.Count > 0 ? pictures[0] : new OmePicture())
            .MaxBy(p => (long)p.SizeX * p.SizeY)!;
        var calibration = TiffCalibration.OfOme(picture);
        var first = PageOf(file, pictures, picture);
        var page = file.Directories[first];
        var full = new TiffImage(file, page);
        if (full.IsGray && picture.SizeC > 1)
        {
            return MakePlanes(file, "OME-TIFF", OmePlanes(file, picture, first), calibration, picture);
        }

        var levels = new List<TiffImage> { full };
        AddLevels(file, SubDirectories(file, page), levels, mustBeTiled: false);
        return Make(file, "OME-TIFF", levels, calibration, picture);
    }

    /// <summary>The page of an OME picture: the one that the XML names if its size fits, else the first of that size, else the largest.</summary>
    private static int PageOf(TiffFile file, IReadOnlyList<OmePicture> pictures, OmePicture picture)
    {
        var size = new PixelSize(picture.SizeX, picture.SizeY);
        var stated = picture.PageOf(0, pictures.TakeWhile(p => p != picture).Sum(p => p.SizeZ * p.SizeT));
        if (stated >= 0 && stated < file.Directories.Count && TiffPages.TrySize(file.Directories[stated]) == size)
        {
            return stated;
        }

        var fitting = file.Directories.ToList().FindIndex(d => TiffPages.TrySize(d) == size);
        return fitting >= 0 ? fitting : TiffPages.Main(file);
    }

    private static List<TiffDirectory> OmePlanes(TiffFile file, OmePicture picture, int first)
    {
        const int Rgb = 3;
        var names = string.Join(", ", picture.Channels.Where(n => n.Length > 0).Take(8));
        if (picture.SizeC != Rgb || !picture.Channels.TrueForAll(IsColourName))
        {
            throw new NotSupportedException(
                $"It holds {picture.SizeC} channels of one shade each{(names.Length > 0 ? $" ({names})" : string.Empty)}, not a picture in colour. Save the brightfield picture as RGB.");
        }

        if (picture.Files.Count > 1)
        {
            throw new NotSupportedException("Its channels lie in several files; save them as one RGB picture.");
        }

        return [.. Enumerable.Range(0, Rgb).Select(c => picture.PageOf(c, first) is var p && p >= 0 && p < file.Directories.Count
            ? file.Directories[p]
            : throw new InvalidDataException($"Its channel {c} lies on page {p + 1}, which isn't there."))];
    }

    /// <summary>Whether a channel's name speaks for red, green and blue, or says nothing; DAPI and the like don't.</summary>
    private static bool IsColourName(string name)
    {
        var plain = name.Trim().ToUpperInvariant();
        return plain is "" or "R" or "G" or "B" or "RED" or "GREEN" or "BLUE" or "RGB" or "BRIGHTFIELD" or "BF" or "TL BRIGHTFIELD"
            || plain.TrimStart('C', 'H', 'A', 'N', 'E', 'L', ' ', ':', '_', '-', '#').All(c => char.IsAsciiDigit(c) || c is ':' or ' ');
    }

    private static TiledSlide MakePlanes(TiffFile file, string format, List<TiffDirectory> pages, SlideCalibration? calibration, OmePicture? ome)
    {
        var planes = pages.ConvertAll(p => new List<TiffImage> { new(file, p) });
        for (var c = 0; c < pages.Count; c++)
        {
            AddLevels(file, SubDirectories(file, pages[c]), planes[c], mustBeTiled: false);
        }

        var levels = new List<TiffPlanes> { new([.. planes.Select(p => p[0])]) };
        foreach (var smaller in planes[0].Skip(1))
        {
            // A level that not all channels have is left out.
            var same = planes.Select(p => p.Find(l => l.IsGray && l.Size == smaller.Size && l.TileSize == smaller.TileSize)).OfType<TiffImage>().ToList();
            if (same.Count == planes.Count)
            {
                levels.Add(new TiffPlanes(same));
            }
        }

        List<TiffImage> all = [.. levels.SelectMany(l => l.Planes)];
        TiffSampleRange.Settle(all);
        return new TiledSlide(file.Path, format, levels, calibration, file) { Details = TiffDetails.Of(file, pages[0], all, ome) };
    }

    /// <summary>
    /// Philips fills every level up to whole tiles, so that the levels' sizes don't tell how they relate: each tiled page is half the one before.
    /// </summary>
    private static TiledSlide OpenPhilips(TiffFile file, TiffImage full)
    {
        var levels = new List<TiffImage> { full };
        var downsamples = new List<double> { 1 };
        var factor = 1.0;
        foreach (var page in file.Directories.Skip(1).Where(p => p.Has(TiffTag.TileWidth)).Take(MostLevels))
        {
            factor *= 2;
            if (TryLevel(file, page) is not { } level)
            {
                continue;
            }

            var (surplusX, surplusY) = (level.Size.Width - (full.Size.Width / factor), level.Size.Height - (full.Size.Height / factor));
            if (surplusX < -1 || surplusY < -1 || surplusX > level.TileSize.Width || surplusY > level.TileSize.Height)
            {
                break;
            }

            levels.Add(level);
            downsamples.Add(factor);
        }

        return new TiledSlide(
            file.Path,
            "Philips TIFF",
            levels,
            TiffCalibration.Find(file.Directories[0], file.Directories[0].Text(TiffTag.ImageDescription)),
            file,
            downsamples)
        {
            Details = TiffDetails.Of(file, file.Directories[0], levels),
        };
    }

    /// <summary>The pages nested under another; damaged ones are left out, as levels are.</summary>
    private static IEnumerable<TiffDirectory> SubDirectories(TiffFile file, TiffDirectory page) =>
        (TryRead(() => page.Numbers(TiffTag.SubIfds, MostLevels)) ?? []).Select(offset => TryRead(() => file.ReadDirectory(offset))).OfType<TiffDirectory>();

    private static TiffImage? TryLevel(TiffFile file, TiffDirectory page) => TryRead(() => new TiffImage(file, page));

    /// <summary>Reads what isn't needed; null where it is damaged or stored in a way that isn't known.</summary>
    private static T? TryRead<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is InvalidDataException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>
    /// Adds the pages that are the first one made smaller: the same shape and kind of pixels, each smaller than the one before.
    /// Others (thumbnails, labels, further channels or planes) are left out, and so are damaged ones: they aren't needed.
    /// </summary>
    private static void AddLevels(TiffFile file, IEnumerable<TiffDirectory> pages, List<TiffImage> levels, bool mustBeTiled)
    {
        var full = levels[0];
        foreach (var page in pages)
        {
            if (levels.Count == MostLevels)
            {
                return;
            }

            if (TiffPages.TrySize(page) is not { } size || size.Width >= levels[^1].Size.Width || !IsSmaller(full.Size, size))
            {
                continue;
            }

            if (TryLevel(file, page) is { } level && level.Samples == full.Samples && level.Bits == full.Bits && (level.IsTiled || !mustBeTiled))
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
