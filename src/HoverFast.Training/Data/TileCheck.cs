using System.Globalization;
using System.IO.Compression;
using System.Text.RegularExpressions;
using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Training.Data;

/// <summary>
/// Looks at labelled tiles before anything is learned from them: labels that are one mask, a region drawn around the nuclei, coordinates of the whole slide,
/// points, nothing at all, sizes that no nuclei have at the stated pixel size, copies.
/// </summary>
internal static partial class TileCheck
{
    /// <summary>Median diameters in um that labelled nuclei of a whole set have; of NuInsSeg, CoNSeP, TNBC and DSB 2018 they are 4.1 to 8.5 um.</summary>
    internal const double SmallestDiameter = 3.5;

    /// <inheritdoc cref="SmallestDiameter"/>
    internal const double LargestDiameter = 9.5;

    /// <summary>Outside of these nothing is learned: the pixel size or the labels must be wrong.</summary>
    private const double AbsurdlySmall = 1.5;

    private const double AbsurdlyLarge = 25;

    /// <summary>Share of a tile from which on a label is no nucleus, if it is also larger than any (um).</summary>
    private const double RegionShare = 0.2;

    private const double RegionDiameter = 30;

    /// <summary>Labels in pieces of which a tile may have a few: people hit a pixel beside the nucleus now and then.</summary>
    private const int ManyParted = 3;

    /// <summary>Checks the tiles of FOLDER/images against FOLDER/labels.</summary>
    /// <param name="folder">The data set's folder.</param>
    /// <param name="mpp">Its pixel size in um/px.</param>
    /// <param name="only">Names of the tiles to look at, or null for all.</param>
    /// <param name="cancellation">Ends the check.</param>
    /// <exception cref="TrainingException">There is no such folder or no picture in it.</exception>
    public static TileCheckReport Run(string folder, double mpp, IReadOnlyList<string>? only = null, CancellationToken cancellation = default)
    {
        var files = TileFile.In(folder, only);
        var tiles = new TileSummary[files.Count];
        Parallel.For(0, tiles.Length, new ParallelOptions { CancellationToken = cancellation }, i => tiles[i] = Look(files[i], mpp));
        List<string> errors = [];
        List<string> warnings = [];
        if (Array.TrueForAll(tiles, t => t.Nuclei == 0 && t.Errors.Count == 0))
        {
            errors.Add($"{folder}: no tile has a labelled nucleus.");
        }

        JudgeSize(folder, mpp, tiles, errors, warnings);
        foreach (var copies in tiles.Where(t => t.PictureHash != 0).GroupBy(t => t.PictureHash).Where(g => g.Count() > 1))
        {
            warnings.Add($"{folder}: these tiles show the same picture: {string.Join(", ", copies.Select(t => t.File.Name))}.");
        }

        return new TileCheckReport(folder, mpp, tiles, errors, warnings);
    }

    private static void JudgeSize(string folder, double mpp, TileSummary[] tiles, List<string> errors, List<string> warnings)
    {
        var diameters = tiles.SelectMany(t => t.Diameters).Order().ToList();
        const int few = 10; // below that a median says little
        if (diameters.Count < few)
        {
            return;
        }

        var median = diameters[diameters.Count / 2];
        var words = string.Create(
            CultureInfo.InvariantCulture,
            $"{folder}: the median labelled nucleus is {median:0.0} um across at {mpp} um/px; in tissue it is 4 to 9 um.");
        if (median is < AbsurdlySmall or > AbsurdlyLarge)
        {
            errors.Add(words + " The pixel size or the labels are wrong.");
        }
        else if (median is < SmallestDiameter or > LargestDiameter)
        {
            warnings.Add(words + $" The pixel size may be wrong: is it {(median > LargestDiameter ? "half of that" : "twice that")}?");
        }
    }

    private static TileSummary Look(TileFile tile, double mpp)
    {
        List<string> errors = [];
        List<string> warnings = [];
        RgbImage? picture = null;
        IReadOnlyList<LabelShape> nuclei = [];
        try
        {
            picture = TilePicture.Read(tile.Picture);
            if (tile.Labels is null)
            {
                errors.Add($"{tile.Picture}: its labels are missing: labels/{tile.Name} ({string.Join(", ", TileFile.LabelExtensions)}).");
            }
            else
            {
                var shapes = OutlineFile.IsOutlines(tile.Labels)
                    ? Outlines(tile.Labels, picture.Size, errors, warnings)
                    : Labels(tile.Labels, picture.Size, errors, warnings);
                nuclei = WithoutRegions(tile.Labels, shapes, picture.Size, mpp, errors);
                if (nuclei.Count == 0 && errors.Count == 0)
                {
                    warnings.Add($"{tile.Labels}: no nucleus is labelled; the tile teaches that there is none.");
                }
            }
        }
        catch (SlideException e)
        {
            errors.Add(e.Message);
        }

        double[] diameters = [.. nuclei.Select(n => Diameter(n.Area, mpp)).Order()];
        var hash = picture is null ? default : TilePicture.HashOf(picture);
        return new TileSummary(
            tile,
            picture?.Size ?? default,
            nuclei.Count,
            diameters.Length > 0 ? diameters[diameters.Length / 2] : null,
            diameters,
            hash,
            errors,
            warnings);
    }

    private static IReadOnlyList<LabelShape> Labels(string path, PixelSize size, List<string> errors, List<string> warnings)
    {
        const int severalThings = 5;
        var shapes = LabelShape.In(LabelImageFile.Read(path, size));
        var pieces = shapes.Sum(s => s.Pieces);
        if (pieces >= severalThings && pieces > 3 * shapes.Count)
        {
            errors.Add(shapes.Count == 1
                ? $"{path}: is one mask: {pieces} separate things share one label. Each nucleus needs a number of its own."
                : $"{path}: looks like a mask of classes: {pieces} separate things share {shapes.Count} labels. Each nucleus needs a number of its own.");
            return [];
        }

        var parted = shapes.Count(s => s.Pieces > 1);
        if (parted >= ManyParted && parted * 10 > shapes.Count)
        {
            warnings.Add($"{path}: {parted} of {shapes.Count} labels lie in several pieces; each counts as one nucleus.");
        }

        return shapes;
    }

    private static List<LabelShape> Outlines(string path, PixelSize size, List<string> errors, List<string> warnings)
    {
        List<LabelShape> shapes = [.. OutlineFile.Read(path).Select(o => LabelShape.Of(o))];
        if (shapes.Count == 0 && HoldsPoints(path))
        {
            errors.Add($"{path}: holds points alone; nuclei must be outlined.");
        }

        var frame = new PixelRect(0, 0, size.Width, size.Height);
        var inside = shapes.FindAll(s => s.Bounds.Intersect(frame) is { Width: > 0, Height: > 0 });
        var outside = shapes.Count - inside.Count;
        if (outside * 10 > shapes.Count)
        {
            errors.Add(
                $"{path}: {outside} of {shapes.Count} outlines lie outside the picture of {size} pixels. Are these coordinates of the whole slide? Export them from the tile itself.");
        }
        else if (outside > 0)
        {
            warnings.Add($"{path}: {outside} of {shapes.Count} outlines lie outside the picture and are left out.");
        }

        return inside;
    }

    private static IReadOnlyList<LabelShape> WithoutRegions(string path, IReadOnlyList<LabelShape> shapes, PixelSize size, double mpp, List<string> errors)
    {
        List<LabelShape> nuclei = [.. shapes.Where(s => s.Area < RegionShare * size.Area || Diameter(s.Area, mpp) < RegionDiameter)];
        if (nuclei.Count < shapes.Count)
        {
            var largest = shapes.Max(s => s.Area);
            errors.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{path}: a label covers {100 * Math.Min(1, largest / size.Area):0} % of the tile ({Diameter(largest, mpp):0} um across): a region, not a nucleus. Leave it out of the export."));
        }

        return nuclei;
    }

    private static double Diameter(double pixels, double mpp) => 2 * Math.Sqrt(pixels / Math.PI) * mpp;

    private static bool HoldsPoints(string path)
    {
        using var file = File.OpenRead(path);
        using var plain = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? (Stream)new GZipStream(file, CompressionMode.Decompress) : file;
        return Points().IsMatch(new StreamReader(plain).ReadToEnd());
    }

    [GeneratedRegex("\"type\"\\s*:\\s*\"(Multi)?Point\"")]
    private static partial Regex Points();
}
