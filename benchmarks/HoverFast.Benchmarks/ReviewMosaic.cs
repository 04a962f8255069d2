using HoverFast.Labels;
using HoverFast.Review.Edits;
using HoverFast.Slides;
using NetTopologySuite.Geometries;
using NetTopologySuite.Operation.Union;

namespace HoverFast.Benchmarks;

/// <summary>Labelled pictures of one size side by side as one picture, so that fields can be drawn over it as over a slide.</summary>
internal sealed class ReviewMosaic
{
    private static readonly GeometryFactory _factory = new();

    private ReviewMosaic(RgbImage picture, LabelImage labels)
    {
        Picture = picture;
        Labels = labels;
    }

    public RgbImage Picture { get; }

    public LabelImage Labels { get; }

    /// <summary>
    /// Puts the pictures of a set together, as many columns as rows, as near as their number allows; those that would leave a row open are left out.
    /// </summary>
    /// <param name="folder">Folder with images/ and labels/.</param>
    /// <param name="prefix">What their names begin with.</param>
    public static ReviewMosaic Of(string folder, string prefix)
    {
        var files = Directory.EnumerateFiles(Path.Combine(folder, "images"), prefix + "*").Order(StringComparer.Ordinal).ToList();
        var columns = (int)Math.Ceiling(Math.Sqrt(files.Count));
        var rows = files.Count / columns;
        var size = RgbImageFile.Read(files[0]).Size;
        var picture = new RgbImage(columns * size.Width, rows * size.Height);
        var labels = new LabelImage(picture.Width, picture.Height);
        var last = 0;
        for (var i = 0; i < columns * rows; i++)
        {
            var part = RgbImageFile.Read(files[i]);
            var nuclei = LabelImageFile.Read(Path.Combine(folder, "labels", Path.GetFileNameWithoutExtension(files[i]) + ".png"), size);
            var (left, top) = (i % columns * size.Width, i / columns * size.Height);
            for (var y = 0; y < size.Height; y++)
            {
                part.Row(y).CopyTo(picture.Row(top + y)[(3 * left)..]);
                for (var x = 0; x < size.Width; x++)
                {
                    var label = nuclei.Labels[(y * size.Width) + x];
                    labels.Labels[((top + y) * labels.Width) + left + x] = label == 0 ? 0 : label + last;
                }
            }

            last += nuclei.Labels.Max();
        }

        return new ReviewMosaic(picture, labels);
    }

    /// <summary>The outlines of the labelled nuclei, along the edges of their pixels; of a nucleus in parts the largest.</summary>
    public IReadOnlyList<Outline> Outlines()
    {
        var runs = new Dictionary<int, List<Geometry>>();
        for (var y = 0; y < Labels.Height; y++)
        {
            for (var x = 0; x < Labels.Width;)
            {
                var label = Labels.Labels[(y * Labels.Width) + x];
                var from = x;
                while (x < Labels.Width && Labels.Labels[(y * Labels.Width) + x] == label)
                {
                    x++;
                }

                if (label != 0)
                {
                    (runs.TryGetValue(label, out var own) ? own : runs[label] = []).Add(_factory.ToGeometry(new Envelope(from, x, y, y + 1)));
                }
            }
        }

        return [.. runs.Values.AsParallel().AsOrdered().Select(own => Outline.TryOf(CascadedPolygonUnion.Union(own))).OfType<Outline>()];
    }
}
