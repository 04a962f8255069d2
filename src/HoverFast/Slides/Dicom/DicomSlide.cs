using System.Globalization;

namespace HoverFast.Slides.Dicom;

/// <summary>
/// A DICOM whole slide (VL Whole Slide Microscopy Image): one file a level. The levels are the files of the same series in the same folder.
/// </summary>
internal static class DicomSlide
{
    private const string WholeSlideClass = "1.2.840.10008.5.1.4.1.1.77.1.6";
    private const int MostFiles = 2000;

    /// <summary>Opens the slide that a file belongs to.</summary>
    /// <exception cref="SlideException">The file is damaged, no whole slide, or stored in a way that isn't known.</exception>
    public static ISlide Open(string path)
    {
        var files = new FileSet();
        try
        {
            var given = files.Add(DicomFile.Open(path));
            if (given.Elements.Text(DicomTag.SopClass) != WholeSlideClass)
            {
                throw new SlideException(path, "is a DICOM file, but no whole slide (VL Whole Slide Microscopy Image).");
            }

            if (!IsVolume(given))
            {
                throw new SlideException(path, $"is a DICOM {given.Elements.Text(DicomTag.ImageType)} picture; give the file that holds the tissue (VOLUME).");
            }

            var levels = new List<(DicomFile File, DicomLevel Level)> { (given, new DicomLevel(given)) };
            AddOthers(given, files, levels);
            levels.Sort((a, b) => b.Level.Size.Area.CompareTo(a.Level.Size.Area));
            return new TiledSlide(path, "DICOM", [.. levels.Select(l => l.Level)], Calibration(levels[0].File), files) { Dicom = levels[0].File.Elements };
        }
        catch (Exception e)
        {
            files.Dispose();
            if (e is InvalidDataException or NotSupportedException or IOException)
            {
                throw new SlideException(path, $"the DICOM slide can't be read: {e.Message}", e);
            }

            throw;
        }
    }

    private static bool IsVolume(DicomFile file) => file.Elements.Text(DicomTag.ImageType).Split('\\') is [_, _, "VOLUME", ..];

    /// <summary>Adds the other levels of the series; files that don't fit or can't be read aren't part of it.</summary>
    private static void AddOthers(DicomFile given, FileSet files, List<(DicomFile File, DicomLevel Level)> levels)
    {
        var series = given.Elements.Text(DicomTag.SeriesInstance);
        var own = Path.GetFullPath(given.Path);
        var folder = Path.GetDirectoryName(own);
        if (series.Length == 0 || folder is null)
        {
            return;
        }

        foreach (var other in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Take(MostFiles))
        {
            if (other == own || !StartsAsDicom(other))
            {
                continue;
            }

            try
            {
                var file = DicomFile.Open(other);
                var isLevel = file.Elements.Text(DicomTag.SeriesInstance) == series && file.Elements.Text(DicomTag.SopClass) == WholeSlideClass && IsVolume(file);
                if (isLevel)
                {
                    files.Add(file);
                    var level = new DicomLevel(file);
                    if (levels.TrueForAll(l => l.Level.Size != level.Size))
                    {
                        levels.Add((file, level));
                    }
                }
                else
                {
                    file.Dispose();
                }
            }
            catch (Exception e) when (e is InvalidDataException or NotSupportedException or IOException or UnauthorizedAccessException)
            {
                // Levels can be done without: a damaged neighbour doesn't spoil the file that was asked for.
            }
        }
    }

    private static bool StartsAsDicom(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path);
            Span<byte> start = stackalloc byte[132];
            return RandomAccess.Read(handle, start, 0) == 132 && DicomReader.IsDicom(start);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Pixel spacing is in millimetres, rows first.</summary>
    private static SlideCalibration? Calibration(DicomFile file)
    {
        var measures = file.Elements.FirstItem(DicomTag.SharedGroups)?.FirstItem(DicomTag.PixelMeasures) ?? file.FirstGroup?.FirstItem(DicomTag.PixelMeasures) ?? file.Elements;
        return measures.Numbers(DicomTag.PixelSpacing) is [_, var millimetres] && Mpp.IsPossible(millimetres * 1000)
            ? new SlideCalibration(new Mpp(millimetres * 1000), "DICOM PixelSpacing")
            : null;
    }

    private sealed class FileSet : IDisposable
    {
        private readonly List<DicomFile> _files = [];

        public DicomFile Add(DicomFile file)
        {
            _files.Add(file);
            return file;
        }

        public void Dispose() => _files.ForEach(f => f.Dispose());
    }
}
