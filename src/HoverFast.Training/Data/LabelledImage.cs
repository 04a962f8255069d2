using System.Numerics;
using HoverFast.Evaluation;
using HoverFast.Labels;
using HoverFast.Slides;

namespace HoverFast.Training.Data;

/// <summary>An image with the instances that people (or a teacher) drew in it.</summary>
internal sealed class LabelledImage
{
    public LabelledImage(string name, RgbImage image, LabelImage labels, Mpp mpp, SoftTarget? soft = null, IReadOnlyDictionary<int, byte>? types = null)
    {
        if (image.Size != labels.Size)
        {
            throw new InvalidDataException($"{name}: the image has {image.Size} pixels, its labels {labels.Size}.");
        }

        Name = name;
        Image = image;
        Labels = labels;
        Mpp = mpp;
        Soft = soft;
        Types = types ?? new Dictionary<int, byte>();
        Instances = Measure(labels);
    }

    public string Name { get; }

    public RgbImage Image { get; }

    public LabelImage Labels { get; }

    public Mpp Mpp { get; }

    /// <summary>What a teacher says of it, where one has labelled it.</summary>
    public SoftTarget? Soft { get; }

    /// <summary>Not 0 where nobody knows what is right, and nothing is learned; null where all is known.</summary>
    public LabelImage? Unsure { get; init; }

    /// <summary>Number of each label's nucleus type, from 1, where it is known.</summary>
    public IReadOnlyDictionary<int, byte> Types { get; }

    /// <summary>The instances by label. Labels may be any numbers from 1, with gaps.</summary>
    public IReadOnlyDictionary<int, Instance> Instances { get; }

    /// <summary>Number of a label's nucleus type, from 1; 0 where it isn't known.</summary>
    public byte TypeOf(int label) => Types.TryGetValue(label, out var type) ? type : (byte)0;

    /// <summary>Its nuclei as agreement on types needs them.</summary>
    public IReadOnlyList<TypedNucleus> TypedNuclei =>
        [.. Instances.OrderBy(i => i.Key).Select(i => new TypedNucleus(i.Value.Centroid, TypeOf(i.Key)))];

    /// <summary>Its labels and what was found on it, without what nobody knows.</summary>
    public KnownLabels Known(LabelImage found) => KnownLabels.Of(Labels, found, Unsure);

    /// <summary>Scores what was found on it.</summary>
    /// <param name="found">Nuclei found, in its pixels.</param>
    /// <param name="mpp">Its pixel size, for detection by centroids; null leaves that figure out.</param>
    public SegmentationScore Score(LabelImage found, Mpp? mpp = null)
    {
        var known = Known(found);
        return SegmentationMetrics.Compare(known.Truth, known.Found, mpp);
    }

    /// <summary>The organ, patient or slide: see <see cref="GroupOf"/>.</summary>
    public string Group => GroupOf(Name);

    /// <summary>What stands before a double (or else the first) underscore in a file's name: the organ, patient or slide.</summary>
    public static string GroupOf(string name)
    {
        var cut = name.IndexOf("__", StringComparison.Ordinal);
        return cut < 0 ? name.Split('_')[0] : name[..cut];
    }

    private static Dictionary<int, Instance> Measure(LabelImage labels)
    {
        var sums = new Dictionary<int, (double X, double Y, int Count, List<Vector2> Rim)>();
        for (var y = 0; y < labels.Height; y++)
        {
            for (var x = 0; x < labels.Width; x++)
            {
                var label = labels.Labels[(y * labels.Width) + x];
                if (label == 0)
                {
                    continue;
                }

                if (!sums.TryGetValue(label, out var sum))
                {
                    sum = (0, 0, 0, []);
                }

                if (At(x - 1, y) != label || At(x + 1, y) != label || At(x, y - 1) != label || At(x, y + 1) != label)
                {
                    sum.Rim.Add(new Vector2(x + 0.5f, y + 0.5f));
                }

                sums[label] = (sum.X + x + 0.5, sum.Y + y + 0.5, sum.Count + 1, sum.Rim);
            }
        }

        return sums.ToDictionary(
            s => s.Key,
            s => new Instance(new Vector2((float)(s.Value.X / s.Value.Count), (float)(s.Value.Y / s.Value.Count)), [.. s.Value.Rim]));

        int At(int x, int y) => x < 0 || y < 0 || x >= labels.Width || y >= labels.Height ? 0 : labels.Labels[(y * labels.Width) + x];
    }

    /// <param name="Centroid">Centre of mass, in image pixels from the upper left corner.</param>
    /// <param name="Rim">Centres of the pixels on its edge.</param>
    internal sealed record Instance(Vector2 Centroid, Vector2[] Rim);
}
