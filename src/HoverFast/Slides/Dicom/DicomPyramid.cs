namespace HoverFast.Slides.Dicom;

/// <summary>Makes a slide of the instances of a series: which are levels, which are parts of one, and which are left out.</summary>
internal static class DicomPyramid
{
    /// <summary>By how much the two sides of a level may be scaled differently; writers round sizes.</summary>
    private const double AspectTolerance = 0.02;

    /// <summary>Makes the slide.</summary>
    /// <param name="path">Its name for messages: the file or address as it was given.</param>
    /// <param name="format">The format in words.</param>
    /// <param name="given">The instance that was asked for; it and every larger level must be readable, smaller ones can be done without.</param>
    /// <param name="instances">All pictures of the tissue of the slide, the one given among them.</param>
    /// <param name="files">Closed with the slide.</param>
    /// <param name="identity">What tells the slide from others where it doesn't lie in files; null where it does.</param>
    /// <param name="associated">The pictures beside the slide; null where they aren't offered.</param>
    /// <exception cref="InvalidDataException">An instance is damaged.</exception>
    /// <exception cref="NotSupportedException">It is stored in a way that isn't known.</exception>
    public static ISlide Open(
        string path,
        string format,
        IDicomInstance given,
        IReadOnlyList<IDicomInstance> instances,
        IDisposable files,
        string? identity = null,
        DicomAssociated? associated = null)
    {
        ArgumentNullException.ThrowIfNull(given);
        ArgumentNullException.ThrowIfNull(instances);
        var groups = instances.GroupBy(DicomConcatenation.IdentityOf, StringComparer.Ordinal).Select(g => g.ToList()).ToList();
        var needed = AreaOf(given);
        var levels = new List<DicomLevel>();
        foreach (var group in groups)
        {
            try
            {
                levels.Add(new DicomLevel(group));
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException && !group.Contains(given))
            {
                if (AreaOf(group[0]) > needed)
                {
                    throw new InvalidDataException($"the level in {Path.GetFileName(group[0].Name)} is larger and can't be read. {e.Message}", e);
                }
            }
        }

        var chosen = levels.GroupBy(l => l.Size).Select(Choose).OrderByDescending(l => l.Size.Area).ToList();
        chosen = [.. chosen.Where(l => Fits(chosen[0].Size, l.Size))];
        return new TiledSlide(path, format, chosen, chosen[0].Spacing, files)
        {
            Dicom = chosen[0].Elements,
            Details = DicomDetails.Of(chosen[0]) with { Associated = associated?.Pictures ?? [] },
            DicomPictures = associated,
            Identity = identity,
            IsLossy = chosen[0].Elements.Text(DicomTag.TransferSyntax) is DicomTransferSyntax.JpegBaseline or DicomTransferSyntax.Jpeg2000,
        };
    }

    /// <summary>Of several pictures of the same size, one of brightfield, and of those the one in the middle of the focal planes.</summary>
    private static DicomLevel Choose(IEnumerable<DicomLevel> sameSize)
    {
        var levels = sameSize.ToList();
        if (levels.Exists(l => l.Paths.IsBrightfield))
        {
            levels.RemoveAll(l => !l.Paths.IsBrightfield);
        }

        // The same height twice: the same picture twice.
        levels = [.. levels.Where(l => l.Paths.Identifier == levels[0].Paths.Identifier).DistinctBy(l => l.Height).OrderBy(l => l.Height)];
        return levels[levels.Count / 2];
    }

    private static bool Fits(PixelSize full, PixelSize level)
    {
        var (x, y) = ((double)full.Width / level.Width, (double)full.Height / level.Height);
        return Math.Abs((x / y) - 1) <= AspectTolerance + (1.0 / level.Width) + (1.0 / level.Height);
    }

    private static double AreaOf(IDicomInstance instance) => new DicomHeader(instance.Name, instance.Elements).Area;
}
