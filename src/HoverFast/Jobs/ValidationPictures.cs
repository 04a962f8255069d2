using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Output.Drawing;
using HoverFast.Slides;

namespace HoverFast.Jobs;

/// <summary>Draws tiles of a validation with what people drew and what the model found.</summary>
internal static class ValidationPictures
{
    /// <summary>Longest side of a tile that is drawn twice as large.</summary>
    private const int Small = 520;

    private static readonly (byte R, byte G, byte B) _found = (0, 200, 0);
    private static readonly (byte R, byte G, byte B) _missed = (255, 0, 0);
    private static readonly (byte R, byte G, byte B) _extra = (0, 60, 255);

    /// <summary>A tile as JPEG: green is drawn by people and found, red drawn and not found, blue found and not drawn.</summary>
    /// <param name="segment">Segments a picture into a label image.</param>
    /// <param name="folder">The folder that holds images/ and labels/.</param>
    /// <param name="name">The tile's name.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="SlideException">A file can't be read.</exception>
    public static async Task<byte[]> DrawAsync(
        Func<string, CancellationToken, Task<LabelImage>> segment,
        string folder,
        string name,
        CancellationToken cancellation)
    {
        var labels = LabelPair.FilesOf(Path.Combine(folder, "labels"))[name];
        var path = ModelEvaluation.PictureOf(Path.Combine(folder, "images"), name, labels);
        var picture = ModelEvaluation.Read(path);
        var people = LabelImageFile.Read(labels, picture.Size);
        var labelled = KnownLabels.Of(people, await segment(path, cancellation), KnownLabels.MaskOf(labels, people.Size));
        var overlap = LabelOverlap.Of(labelled.Truth, labelled.Found);
        var (known, theirs) = (overlap.Matches.Select(m => m.Truth).ToHashSet(), overlap.Matches.Select(m => m.Predicted).ToHashSet());
        return RgbImageFile.ToJpeg(LabelEdges.Draw(
            picture,
            labelled.Truth,
            labelled.Found,
            label => known.Contains(overlap.Truth.NumberOf(label)) ? _found : _missed,
            label => theirs.Contains(overlap.Predicted.NumberOf(label)) ? null : _extra,
            Math.Max(picture.Width, picture.Height) <= Small ? 2 : 1));
    }
}
