using System.Numerics;
using HoverFast.Labels;
using HoverFast.Slides;
using HoverFast.Training.Data;

namespace HoverFast.Training.Importing;

/// <summary>
/// Makes labelled tiles of points with types, as people set them in the middle of nuclei: a model outlines the nuclei, and a point gives its type to the
/// nucleus that holds it, or else to the nearest one within a distance. Nuclei without a point stay without a type; or the points correct the outlines too.
/// </summary>
internal static class PointedTiles
{
    /// <summary>How far from a nucleus a point may lie, in um.</summary>
    public const double Reach = 3;

    /// <summary>Reads the tiles.</summary>
    /// <param name="points">Folder of CSV files with x, y, type.</param>
    /// <param name="pictures">Folder of the pictures of the same names.</param>
    /// <param name="mpp">Their pixel size.</param>
    /// <param name="label">Outlines the nuclei of a picture.</param>
    /// <param name="correct">Whether the points correct the outlines: <see cref="PointCorrection"/>.</param>
    /// <param name="log">Takes how many points found a nucleus.</param>
    /// <exception cref="TrainingException">A folder or picture is missing.</exception>
    public static IEnumerable<ImportedTile> Read(string points, string pictures, Mpp mpp, Func<string, LabelImage> label, bool correct, TextWriter log)
    {
        if (!Directory.Exists(points) || !Directory.Exists(pictures))
        {
            throw new TrainingException(Directory.Exists(points) ? pictures : points, "there is no such folder.");
        }

        var files = Directory.EnumerateFiles(points, "*.csv").Order(StringComparer.Ordinal).ToList();
        if (files.Count == 0)
        {
            throw new TrainingException(points, "holds no points (.csv with the columns x, y, type).");
        }

        foreach (var file in files)
        {
            var name = Path.GetFileNameWithoutExtension(file);
            var picture = TilePicture.Extensions.Select(e => Path.Combine(pictures, name + e)).FirstOrDefault(File.Exists)
                ?? throw new TrainingException(file, $"has no picture of its name in {pictures}.");
            var labels = label(picture);
            var pixels = TilePicture.Read(picture);
            var places = TypeTable.Points(file);
            var correction = correct ? PointCorrection.Of(labels, pixels, [.. places.Select(p => p.Place)], mpp.MicronsPerPixel, Reach) : null;
            labels = correction?.Labels ?? labels;
            var types = TypesOf(labels, places, Reach / mpp.MicronsPerPixel);
            log.WriteLine(
                $"{name}: {places.Count} points, {types.Count} nuclei with a type"
                    + (
                        correction is null
                            ? ""
                            : $"; {correction.Divided} outlines divided, {correction.Pale} pale and {correction.Dark} dark ones without a point, {correction.Missed} points without an outline"));
            yield return new ImportedTile(name, pixels, labels, types) { Unsure = correction?.Unsure };
        }
    }

    /// <summary>The type of each label that a point names. Of several points in one nucleus the one that stands first in the file counts.</summary>
    /// <param name="labels">The nuclei.</param>
    /// <param name="points">The points, in pixels.</param>
    /// <param name="reach">How far from a nucleus a point may lie, in pixels.</param>
    internal static IReadOnlyDictionary<int, string> TypesOf(LabelImage labels, IReadOnlyList<(Vector2 Place, string Type)> points, double reach) =>
        PointOwners.Of(labels, [.. points.Select(p => p.Place)], reach).Points.ToDictionary(p => p.Key, p => points[p.Value[0]].Type);
}
