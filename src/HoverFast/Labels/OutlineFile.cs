using System.Numerics;
using HoverFast.Nuclei;
using HoverFast.Slides;

namespace HoverFast.Labels;

/// <summary>
/// Reads nuclei as outlines: GeoJSON as QuPath exports it and as HoverFast and we write it (packed with gzip or not), or Parquet tables with
/// outlines (GeoParquet). Annotations of GeoJSON count only where the file has no detection or cell; of a cell the nucleus counts. Holes are filled.
/// </summary>
internal static class OutlineFile
{
    private static readonly string[] _geoJson = [".geojson", ".geojson.gz", ".json", ".json.gz"];
    private static readonly string[] _parquet = [".parquet", ".geoparquet"];

    /// <summary>Whether a file's name is that of outlines.</summary>
    public static bool IsOutlines(string path) => Ends(path, _geoJson) || Ends(path, _parquet);

    /// <summary>Reads the outer rings of the nuclei, open, in the file's pixels: one for each part of each nucleus.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="SlideException">The file can't be read or holds nothing of the kind.</exception>
    public static IReadOnlyList<Vector2[]> Read(string path) => [.. ReadNuclei(path).SelectMany(nucleus => nucleus.InPixels())];

    /// <summary>The same rings, each with the class that the file gives its nucleus, or null.</summary>
    /// <inheritdoc cref="Read"/>
    public static IReadOnlyList<(Vector2[] Outline, string? Type)> ReadTyped(string path) =>
        [.. ReadNuclei(path).SelectMany(nucleus => nucleus.InPixels().Select(ring => (ring, nucleus.Type)))];

    /// <summary>Draws the nuclei: label 1 for the first, the pixels whose centre lies inside; where outlines overlap, the first keeps the pixel.</summary>
    /// <param name="path">The file.</param>
    /// <param name="size">Pixels of the image that the coordinates belong to.</param>
    /// <exception cref="SlideException">The file can't be read or holds nothing of the kind.</exception>
    public static LabelImage Draw(string path, PixelSize size) => Draw(path, ReadNuclei(path), size);

    /// <summary>Draws nuclei.</summary>
    /// <exception cref="SlideException">They lie on each other by the dozen, or reach far beyond the picture.</exception>
    internal static LabelImage Draw(string path, IReadOnlyList<NucleusRings> nuclei, PixelSize size)
    {
        var image = new LabelImage(size.Width, size.Height);
        var painter = new OutlinePainter(path, image);
        for (var i = 0; i < nuclei.Count; i++)
        {
            foreach (var ring in nuclei[i].Rings)
            {
                painter.Paint(ring, i + 1);
            }
        }

        return image;
    }

    /// <summary>The size of an image that holds nuclei; what lies to the left or above of it is left out, as everywhere. At least one pixel.</summary>
    internal static PixelSize SizeThatHolds(IEnumerable<NucleusRings> nuclei)
    {
        var (right, bottom) = (1, 1);
        foreach (var ring in nuclei.SelectMany(n => n.Rings))
        {
            var most = OutlinePoint.BoxOf(ring).Most;
            right = Math.Max(right, (most.X / OutlinePoint.PerPixel) + 1);
            bottom = Math.Max(bottom, (most.Y / OutlinePoint.PerPixel) + 1);
        }

        return new PixelSize(right, bottom);
    }

    /// <summary>Reads nuclei with their parts.</summary>
    internal static IReadOnlyList<NucleusRings> ReadNuclei(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var isParquet = Ends(path, _parquet);
        try
        {
            return isParquet ? ParquetOutlines.Read(path) : GeoJsonOutlines.Read(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SlideException(path, RgbImageFile.Unreadable(e), e);
        }
        catch (Exception e) when (e is not (OutOfMemoryException or OperationCanceledException or SlideException))
        {
            // Readers of formats throw many kinds where a file is damaged.
            throw new SlideException(
                path,
                isParquet
                    ? $"can't be read as a Parquet table with outlines ({e.Message.TrimEnd('.')}); give one that holds GeoParquet, or GeoJSON."
                    : $"can't be read as GeoJSON outlines ({e.Message.TrimEnd('.')}); export them from QuPath with File > Export objects as GeoJSON.",
                e);
        }
    }

    private static bool Ends(string path, string[] endings)
    {
        ArgumentNullException.ThrowIfNull(path);
        return Array.Exists(endings, ending => path.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
    }
}
