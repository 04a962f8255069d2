using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Model;
using HoverFast.Slides;

namespace HoverFast.Jobs;

/// <summary>Scores a model on labelled pictures.</summary>
/// <param name="pictures">Folder of the pictures.</param>
/// <param name="mpp">Their pixel size.</param>
/// <param name="types">The nucleus types that the model tells, type 1 first; empty where it tells none.</param>
/// <param name="segment">Segments a picture.</param>
internal sealed class ModelEvaluation(
    string pictures, Mpp mpp, IReadOnlyList<ModelCard.NucleusType> types, Func<string, CancellationToken, Task<PictureNuclei>> segment)
{
    private static readonly string[] _pictures = [".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"];

    private readonly IReadOnlyList<string> _names = [.. types.Select(t => t.Name)];

    /// <summary>Segments pictures and scores the result.</summary>
    /// <param name="truth">Folder of label images, of GeoJSON, or of points with types, by the pictures' names.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SlideException">A file is missing or can't be read, sizes differ, or a type isn't known.</exception>
    public async Task<EvaluationReport> RunAsync(string truth, CancellationToken cancellation)
    {
        if (TypeTruth.PointsIn(truth) is { Count: > 0 } points)
        {
            return await OfPointsAsync(points, cancellation);
        }

        var scores = new List<(string, SegmentationScore)>();
        var tally = new TypeTally(_names, mpp);
        var bare = new List<(string Name, IReadOnlyList<TypedNucleus> Found)>();
        ErrorTable? errors = null;
        foreach (var (name, path) in LabelPair.FilesOf(truth))
        {
            var picture = PictureOf(pictures, name, path);
            var pixels = Read(picture);
            var expected = LabelImageFile.Read(path, pixels.Size);
            var unsure = KnownLabels.MaskOf(path, expected.Size);
            var found = await segment(picture, cancellation);
            var known = KnownLabels.Of(expected, found.Labels, unsure);
            scores.Add((name, SegmentationMetrics.Compare(known.Truth, known.Found, mpp)));
            var table = ErrorTable.Of(known.Truth, known.Found, pixels, mpp);
            errors = errors is null ? table : errors + table;
            if (types.Count == 0)
            {
                continue;
            }

            List<TypedNucleus> counted = [.. found.Nuclei.Where((_, i) => !known.LeftOut.Contains(i + 1))];
            if (TypeTruth.OfLabels(path, known.Truth, types) is { } nuclei)
            {
                tally.Add(name, nuclei, counted);
            }
            else if (!known.Truth.Labels.Any(l => l != 0))
            {
                bare.Add((name, counted));
            }
        }

        // A picture without nuclei names no types; where others do, what was found on it is false all the same.
        foreach (var (name, found) in tally.Sum is null ? [] : bare)
        {
            tally.Add(name, [], found);
        }

        return new EvaluationReport(scores) { Types = tally.Sum, TypesLeftOut = tally.LeftOut, Errors = errors };
    }

    // Points say nothing of outlines.
    private async Task<EvaluationReport> OfPointsAsync(IReadOnlyDictionary<string, string> points, CancellationToken cancellation)
    {
        if (types.Count == 0)
        {
            throw new SlideException(points.Values.First(), "holds points with nucleus types, and the model tells none.");
        }

        var tally = new TypeTally(_names, mpp);
        foreach (var (name, path) in points)
        {
            tally.Add(name, TypeTruth.OfPoints(path, types), (await segment(PictureOf(pictures, name, path), cancellation)).Nuclei);
        }

        return new EvaluationReport([]) { Types = tally.Sum, TypesLeftOut = tally.LeftOut };
    }

    /// <summary>The picture that labels are of.</summary>
    /// <param name="pictures">Folder of the pictures.</param>
    /// <param name="name">The labels' name.</param>
    /// <param name="truth">Their file.</param>
    /// <exception cref="SlideException">There is no picture of that name.</exception>
    public static string PictureOf(string pictures, string name, string truth) =>
        _pictures.Select(e => Path.Combine(pictures, name + e)).FirstOrDefault(File.Exists)
        ?? throw new SlideException(truth, $"has no picture of its name in {pictures}.");

    /// <summary>Reads a picture at full resolution, as it is segmented: TIFF too.</summary>
    /// <exception cref="SlideException">The file can't be read, or is a whole slide.</exception>
    public static RgbImage Read(string picture) => WholePicture.Read(picture, "pictures to score");
}
