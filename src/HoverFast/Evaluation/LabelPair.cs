using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Evaluation;

/// <summary>The truth and the segmentation of one picture, as files: label images (PNG, TIFF) or outlines (GeoJSON, Parquet).</summary>
/// <param name="Name">The picture's name.</param>
/// <param name="Truth">File of the truth.</param>
/// <param name="Predicted">File of the segmentation.</param>
internal sealed record LabelPair(string Name, string Truth, string Predicted)
{
    private static readonly string[] _images = [".png", ".tiff", ".tif"];
    private static readonly string[] _outlines = [".geojson.gz", ".geojson", ".json.gz", ".json", ".parquet", ".geoparquet"];

    /// <summary>Files beside a result's outlines that end as outlines may.</summary>
    private static readonly string[] _besides = [".manifest.json", ".quality.json"];

    /// <summary>
    /// Pairs the files of two folders (or two single files) by the picture's name, as <see cref="FilesOf"/> gives it. Every true picture
    /// must have a segmentation; further segmentations are left out.
    /// </summary>
    /// <exception cref="SlideException">A folder or file is missing, or a picture has no partner.</exception>
    public static IReadOnlyList<LabelPair> Find(string truth, string predicted)
    {
        if (File.Exists(truth) && File.Exists(predicted))
        {
            return [new LabelPair(NameOf(truth), truth, predicted)];
        }

        var partners = FilesOf(predicted);
        var pairs = new List<LabelPair>();
        foreach (var (name, file) in FilesOf(truth))
        {
            pairs.Add(
                partners.TryGetValue(name, out var partner)
                    ? new LabelPair(name, file, partner)
                    : throw new SlideException(
                        file,
                        $"has no segmentation in {predicted}; a file of the name {name}.png, .tif, .geojson or .parquet is looked for."));
        }

        return pairs;
    }

    /// <summary>Reads both files, without what a mask beside the truth leaves open.</summary>
    /// <exception cref="SlideException">A file can't be read, or the sizes differ.</exception>
    public KnownLabels Read()
    {
        // Outlines don't say how large their picture is; a mask does.
        if (OutlineFile.IsOutlines(Truth) && OutlineFile.IsOutlines(Predicted) && KnownLabels.MaskOf(Truth) is { } mask)
        {
            return KnownLabels.Of(LabelImageFile.Read(Truth, mask.Size), LabelImageFile.Read(Predicted, mask.Size), mask);
        }

        var (truth, predicted) = LabelImageFile.ReadPair(Truth, Predicted);
        return KnownLabels.Of(truth, predicted, KnownLabels.MaskOf(Truth, truth.Size));
    }

    /// <summary>
    /// The files with labels in a folder, by the picture's name: the file name without its ending and without ".labels". Where a picture
    /// has several, a label image counts before GeoJSON and GeoJSON before Parquet.
    /// </summary>
    /// <exception cref="SlideException">There is no such folder, it holds no labels, or two label images have one name.</exception>
    public static IReadOnlyDictionary<string, string> FilesOf(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new SlideException(folder, "there is no such folder.");
        }

        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var all = Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).ToList();
        foreach (var image in all.Where(f => Ends(f, _images) && !Ends(f, [".overlay.png", ".overview.png"])))
        {
            if (!files.TryAdd(NameOf(image), image))
            {
                throw new SlideException(image, $"and {Path.GetFileName(files[NameOf(image)])} are labels of one picture; keep one of them in the folder.");
            }
        }

        foreach (var outlines in _outlines.SelectMany(ending => all.Where(f => Ends(f, [ending]) && !Ends(f, _besides))))
        {
            files.TryAdd(NameOf(outlines), outlines);
        }

        return files.Count > 0 ? files : throw new SlideException(folder, "holds no label images (PNG, TIFF) and no outlines (GeoJSON, Parquet).");
    }

    private static bool Ends(string file, string[] endings) => endings.Any(e => file.EndsWith(e, StringComparison.OrdinalIgnoreCase));

    /// <summary>The name of the picture that a file with labels is of.</summary>
    public static string NameOf(string file)
    {
        var name = Path.GetFileName(file);
        var ending = _images.Concat(_outlines).FirstOrDefault(e => name.EndsWith(e, StringComparison.OrdinalIgnoreCase)) ?? Path.GetExtension(name);
        name = name[..^ending.Length];
        return name.EndsWith(".labels", StringComparison.OrdinalIgnoreCase) ? name[..^".labels".Length] : name;
    }
}
