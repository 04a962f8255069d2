using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Jobs;

/// <summary>Scores a model on labelled pictures.</summary>
internal static class ModelEvaluation
{
    private static readonly string[] _pictures = [".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp"];

    /// <summary>Segments pictures and scores the result.</summary>
    /// <param name="truth">Folder of label images or of GeoJSON.</param>
    /// <param name="pictures">Folder of the pictures, of the same names.</param>
    /// <param name="mpp">Their pixel size.</param>
    /// <param name="label">Segments a picture into a label image.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SlideException">A file is missing or can't be read, or sizes differ.</exception>
    public static async Task<EvaluationReport> RunAsync(string truth, string pictures, Mpp mpp, Func<string, CancellationToken, Task<LabelImage>> label, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(label);
        var scores = new List<(string, SegmentationScore)>();
        foreach (var (name, path) in LabelPair.FilesOf(truth))
        {
            var picture = _pictures.Select(e => Path.Combine(pictures, name + e)).FirstOrDefault(File.Exists) ?? throw new SlideException(path, $"has no picture of its name in {pictures}.");
            var expected = LabelImageFile.Read(path, SizeOf(picture));
            scores.Add((name, SegmentationMetrics.Compare(expected, await label(picture, cancellation), mpp)));
        }

        return new EvaluationReport(scores);
    }

    private static PixelSize SizeOf(string picture)
    {
        using var slide = Slide.Open(picture);
        return slide.Levels[0].Size;
    }
}
