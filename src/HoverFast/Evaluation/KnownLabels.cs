using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Evaluation;

/// <summary>
/// Two label images without what nobody knows: a set's <c>unsure/</c> masks, as where people labelled a part of a tile alone. Such pixels belong to no nucleus
/// on either side. A nucleus found that lies there by more than half is left out, unless its rest still matches a true one (the void pixels of Kirillov et
/// al., Panoptic Segmentation, CVPR 2019).
/// </summary>
/// <param name="Truth">The truth.</param>
/// <param name="Found">The segmentation.</param>
/// <param name="LeftOut">Labels of the segmentation that are left out whole.</param>
internal sealed record KnownLabels(LabelImage Truth, LabelImage Found, IReadOnlySet<int> LeftOut)
{
    /// <summary>The folder of the masks, beside <c>labels/</c>.</summary>
    public const string Folder = "unsure";

    /// <summary>Leaves out what is unsure.</summary>
    /// <param name="truth">The truth.</param>
    /// <param name="found">The segmentation, of the same size.</param>
    /// <param name="unsure">Not 0 where nobody knows what is right; null where all is known.</param>
    public static KnownLabels Of(LabelImage truth, LabelImage found, LabelImage? unsure)
    {
        if (unsure is null)
        {
            return new KnownLabels(truth, found, new HashSet<int>());
        }

        var (knownTruth, knownFound) = (Known(truth), Known(found));
        var (before, after) = (Areas(found), Areas(knownFound));
        var overlap = LabelOverlap.Of(knownTruth, knownFound);
        var matched = overlap.Matches.Select(m => m.Predicted).ToHashSet();
        var leftOut = before
            .Where(b => 2 * after.GetValueOrDefault(b.Key) < b.Value && !(after.ContainsKey(b.Key) && matched.Contains(overlap.Predicted.NumberOf(b.Key))))
            .Select(b => b.Key)
            .ToHashSet();
        for (var i = 0; i < knownFound.Labels.Length; i++)
        {
            knownFound.Labels[i] = leftOut.Contains(knownFound.Labels[i]) ? 0 : knownFound.Labels[i];
        }

        return new KnownLabels(knownTruth, knownFound, leftOut);

        LabelImage Known(LabelImage image) => new(image.Width, image.Height, [.. image.Labels.Zip(unsure.Labels, (label, open) => open == 0 ? label : 0)]);
    }

    /// <summary>The mask of a tile; null where all is known.</summary>
    /// <param name="labels">File of its labels, in a folder beside which the masks lie.</param>
    /// <param name="size">Pixels of the labels.</param>
    /// <exception cref="SlideException">The mask can't be read, or has another size.</exception>
    public static LabelImage? MaskOf(string labels, PixelSize size) => FileOf(labels) is { } file ? LabelImageFile.Read(file, size) : null;

    /// <summary>The mask of a tile, whatever its size; null where all is known.</summary>
    /// <param name="labels">File of its labels, in a folder beside which the masks lie.</param>
    /// <exception cref="SlideException">The mask can't be read.</exception>
    public static LabelImage? MaskOf(string labels) => FileOf(labels) is { } file ? LabelImageFile.Read(file) : null;

    /// <summary>The file of a tile's mask; null where all is known.</summary>
    /// <param name="set">The set's folder.</param>
    /// <param name="name">The tile.</param>
    public static string? FileOf(string set, string name) => Path.Combine(set, Folder, name + ".png") is var path && File.Exists(path) ? path : null;

    private static string? FileOf(string labels) =>
        FileOf(Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(labels))) ?? "", LabelPair.NameOf(labels));

    private static Dictionary<int, long> Areas(LabelImage image)
    {
        var areas = new Dictionary<int, long>();
        foreach (var label in image.Labels)
        {
            if (label != 0)
            {
                areas[label] = areas.GetValueOrDefault(label) + 1;
            }
        }

        return areas;
    }
}
